/** Hoisted from the end of the bundle, whose beginning may be a directive. */
const named =
  'function __named(it,name){it.name==="_"+name&&Object.defineProperty(it,"name",{value:name,configurable:true})}';

/**
 * esbuild makes `var Name = class _Name {…}` of a class that mentions itself, and `constructor.name` and what is logged
 * of an instance have the underscore then. The classes of a bundle get their own names back.
 */
export function restoreClassNames(code: string): string {
  const restored = code.replace(
    /\b(\w+)=class _\1(?: extends [\w.$]+)?\{/g,
    (head, name: string) => `${head}static{__named(this,${JSON.stringify(name)})}`,
  );
  return restored === code ? code : `${restored}\n${named}`;
}
