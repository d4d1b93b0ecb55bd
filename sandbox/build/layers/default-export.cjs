// The package was CommonJS when scripts were written for it: what is its default export now was the module.
module.exports = (library) => Object.assign(library.default, { default: library.default });
