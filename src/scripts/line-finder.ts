/** 1-based. */
export interface Place {
  line: number;
  column: number;
}

/**
 * Tells the place of an offset (UTF-16 units) in a text. A source may be asked about as many places as it has lines:
 * each is looked up, not counted anew.
 */
export function createLineFinder(text: string): (offset: number) => Place {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= startsOfLines(text);
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  // As ECMAScript ends lines (ECMA-262, 12.3).
  for (const { 0: end, index } of text.matchAll(/\r\n?|[\n\u2028\u2029]/g)) starts.push(index + end.length);
  return starts;
}
