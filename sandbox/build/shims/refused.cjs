// A package that is loaded at once and left out: whatever of it is called or made refuses by name.
module.exports = (name, members = {}) =>
  new Proxy(
    {},
    {
      get(_target, member) {
        if (typeof member === 'symbol' || member === '__esModule') return undefined;
        if (member in members) return members[member];
        return function refused() {
          const message = `ERR_METHOD_NOT_IMPLEMENTED: ${name} ${member} is not available to action scripts`;
          throw Object.assign(new Error(message), { code: 'ERR_METHOD_NOT_IMPLEMENTED' });
        };
      },
    },
  );
