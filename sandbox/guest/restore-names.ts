/**
 * The build shortens the names of functions, because keeping all of them costs each context a third of a megabyte.
 * Those that scripts can see by a name get it back, for logs and for `constructor.name`: the functions that are
 * properties of one of `holders`. The first name counts.
 */
export function restoreNames(holders: readonly unknown[]): void {
  const seen = new Set<unknown>();
  for (const holder of holders) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder ?? {}))) {
      if (typeof value !== 'function' || seen.has(value) || !/^[A-Za-z]/.test(name)) continue;
      seen.add(value);
      if (value.name !== name && isOurs(value)) Object.defineProperty(value, 'name', { value: name });
    }
  }
}

function isOurs(value: object): boolean {
  const isNative = Function.prototype.toString.call(value).endsWith('{ [native code] }');
  return !isNative && Object.getOwnPropertyDescriptor(value, 'name')?.configurable === true;
}
