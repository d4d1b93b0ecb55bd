type Class = new (...args: never[]) => object;

/**
 * A class that may be called as the functions of Node's own that it stands for: without `new`, and as
 * `Base.call(this, options)` in a constructor of before 2015.
 */
export function callableClass<Given extends Class>(name: string, given: Given): Given {
  const callable = new Proxy(given, {
    apply(target, self: unknown, args: never[]) {
      const made = new target(...args);
      return self instanceof target ? Object.assign(self, made) : made;
    },
  });
  Object.defineProperty(given, 'name', { value: name, configurable: true });
  Object.defineProperty(given.prototype, 'constructor', {
    value: callable,
    writable: true,
    configurable: true,
  });
  return callable;
}
