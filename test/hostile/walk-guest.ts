/**
 * The source of a script that answers all that scripts can reach, a line for each property: from the globals through
 * their own properties and prototypes, and from each module of the runtime. Getters are named, not called.
 */
export function walkScript(modules: readonly string[]): string {
  return `function getUser(id, context, callback) {
  const lines = [];
  const seen = new Map();
  const nameOf = (key) => (typeof key === 'symbol' ? '[' + String(key) + ']' : key);
  const kindOf = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
  function visit(path, value) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
    if (seen.has(value)) return;
    seen.set(value, path);
    if (Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof Map) return;
    for (const key of Reflect.ownKeys(value)) {
      if (typeof value === 'function' && ['length', 'name', 'arguments', 'caller'].includes(key)) continue;
      const { get, set, value: inner } = Reflect.getOwnPropertyDescriptor(value, key);
      const at = path + '.' + nameOf(key);
      if (get || set) {
        lines.push(at + ' (' + [get && 'get', set && 'set'].filter(Boolean).join(' ') + ')');
        continue;
      }
      const known = inner !== null && typeof inner !== 'string' && seen.get(inner);
      lines.push(at + ' ' + kindOf(inner) + (known ? ' = ' + known : ''));
      visit(at, inner);
    }
    const prototype = Reflect.getPrototypeOf(value);
    if (prototype !== null && !seen.has(prototype)) visit(path + '.[[Prototype]]', prototype);
  }
  visit('globalThis', globalThis);
  visit('require', require);
  visit('module', module);
  visit('callback', callback);
  visit('context', context);
  for (const name of ${JSON.stringify(modules)}) {
    const exported = require(name);
    lines.push("require('" + name + "') " + kindOf(exported) + (seen.has(exported) ? ' = ' + seen.get(exported) : ''));
    visit("require('" + name + "')", exported);
  }
  const text = lines.sort().join('\\n');
  callback(null, { user_id: String(text.length), part: text.slice(Number(id), Number(id) + 100000) });
}`;
}
