/** What is there for libraries' sake says so when it is called. `what`: `fs.readFile`. */
export function notImplemented(what: string): Error {
  const message = `ERR_METHOD_NOT_IMPLEMENTED: ${what} is not available to action scripts`;
  return Object.assign(new Error(message), { code: 'ERR_METHOD_NOT_IMPLEMENTED' });
}

/** Functions of these names that throw by name, for a module that is not there. `names`: separated by blanks. */
export function stubs(module: string, names: string): Record<string, () => never> {
  const methods: Record<string, () => never> = {};
  for (const name of names.split(/\s+/).filter(Boolean)) {
    methods[name] = function stub(): never {
      throw notImplemented(`${module}.${name}`);
    };
  }
  return methods;
}
