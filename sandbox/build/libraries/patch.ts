/**
 * A change to a package's source on its way into a bundle. The build fails where it finds nothing to change, so that
 * an update of the package cannot drop it unnoticed.
 */
export interface Patch {
  /** Of the file's path. */
  file: RegExp;
  /** With the flag `g`. */
  find: RegExp;
  replace: string;
}

export function applyPatch(source: string, { file, find, replace }: Patch): string {
  const patched = source.replace(find, replace);
  if (patched === source) throw new Error(`${find} is nowhere in the file ${file}`);
  return patched;
}
