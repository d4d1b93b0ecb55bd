// Its tables are unpacked when it is loaded, and only passwords of SCRAM-SHA-256 need them. mongodb 3 asks for the
// package's predecessor, which reads them from disk.
const saslprep = (...args) => require('@mongodb-js/saslprep')(...args);
module.exports = Object.assign(saslprep, { saslprep, default: saslprep });
