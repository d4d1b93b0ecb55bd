/** What somebody may have meant who asked for a module that there is not. Pure and without imports. */

/** More than this is another word; of a short name, one letter in three. */
const LARGEST_DISTANCE = 2;

/** One of `names`, for a request with or without a pin or a path; none for a path of its own. */
export function nearestModule(request: string, names: readonly string[]): string | undefined {
  const name = /^(?:node:)?((?:@[^/@]+\/)?[^/@]+)/.exec(request)?.[1]?.toLowerCase();
  if (name === undefined || /^[./]/.test(request)) return undefined;
  return names.includes(name) ? name : (misspelt(name, names) ?? withoutSuffix(name, names));
}

/** One of `names` that `name`, in lower case, misspells: `mogodb` is `mongodb`. */
export function misspelt(name: string, names: readonly string[]): string | undefined {
  const limit = Math.min(LARGEST_DISTANCE, Math.floor(name.length / 3));
  const near = names
    .map((candidate) => ({ candidate, distance: distanceOf(name, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

/** `lodash.get` and `bcrypt-nodejs` are parts and likes of what stands before the mark; the longest name counts. */
function withoutSuffix(name: string, names: readonly string[]): string | undefined {
  const starts = names.filter(
    (candidate) => /^[.-]/.test(name.slice(candidate.length)) && name.startsWith(candidate),
  );
  return starts.sort((a, b) => b.length - a.length)[0];
}

/** Letters to put in, take out, change, or swap with the next: of Damerau and Levenshtein. */
function distanceOf(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > LARGEST_DISTANCE) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const at = (line: number[], index: number) => line[index] ?? 0;
      const changed = a[row - 1] === b[column - 1] ? 0 : 1;
      const costs = [at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + changed];
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwapped) costs.push(at(before, column - 2) + 1);
      current.push(Math.min(...costs));
    }
    before = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
