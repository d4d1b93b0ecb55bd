// Old scripts call uuid itself, or `uuid/v4`: the API of uuid 3.
module.exports = (uuid) => Object.assign((...args) => uuid.v4(...args), uuid);
