// Nobody can switch it on here.
const debug = () => Object.assign(() => {}, { enabled: false });
module.exports = Object.assign(debug, { default: debug, enable() {}, disable() {}, enabled: () => false });
