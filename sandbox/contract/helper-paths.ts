/**
 * How a relative `require` finds a file. Pure and without imports: the service walks the files with it at load, the
 * guest looks them up with it.
 */

/** `./x`, `../x`, `.` and `..`, as Node tells paths from names. */
export function isRelative(request: string): boolean {
  return /^\.{1,2}(?:\/|$)/.test(request);
}

/**
 * The paths that a request of the file `from` may mean, in Node's order; none where it leads above the top. A request
 * that begins with a slash begins at the top. `main` of a package.json is not looked for.
 */
export function candidatePaths(request: string, from: string): string[] {
  const parts = request.startsWith('/') ? [] : from.split('/').slice(0, -1);
  for (const part of request.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return [];
  }
  const path = parts.join('/');
  const inFolder = ['index.js', 'index.json', 'index.cjs'].map((name) => [...parts, name].join('/'));
  const isFolder = path === '' || /(?:^|\/)\.{0,2}$/.test(request);
  return isFolder ? inFolder : [path, `${path}.js`, `${path}.json`, `${path}.cjs`, ...inFolder];
}

/** A path as the frame of a stack can hold it: frames are taken apart at blanks and parentheses. */
export function shownPath(path: string): string {
  return path.replace(/[\s()%]/g, (character) =>
    encodeURIComponent(character).replace('(', '%28').replace(')', '%29'),
  );
}
