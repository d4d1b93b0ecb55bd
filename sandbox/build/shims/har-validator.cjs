// ajv takes long to evaluate, and hardly a request is given as HAR: loaded at the first one.
module.exports = { request: (har) => require('har-validator').request(har) };
