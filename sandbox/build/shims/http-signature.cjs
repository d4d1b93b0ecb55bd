// sshpk and its curves take long to evaluate, and hardly a request is signed this way: loaded at the first one.
module.exports = {
  signRequest: (request, options) => require('http-signature').signRequest(request, options),
};
