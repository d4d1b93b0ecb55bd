// The module was the function until version 4.
module.exports = (library) =>
  Object.assign((token, options) => library.jwtDecode(token, options), library, {
    default: library.jwtDecode,
  });
