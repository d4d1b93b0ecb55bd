import type { CountedRange } from '../../../../sandbox/contract/coverage.ts';
import type { SourceParts } from './coverage-map.ts';

export interface PartCounts {
  statements: number[];
  functions: number[];
  branches: number[][];
}

export function noCounts({ statements, functions, branches }: SourceParts): PartCounts {
  return {
    statements: statements.map(() => 0),
    functions: functions.map(() => 0),
    branches: branches.map(({ ways }) => ways.map(() => 0)),
  };
}

/** Adds what one execution has run: the narrowest range around a place has its count. */
export function addCounts(counts: PartCounts, parts: SourceParts, ranges: readonly CountedRange[]): void {
  // Of two that begin alike the narrower comes later, so the last one around a place is the narrowest.
  const sorted = [...ranges].sort((one, other) => one.start - other.start || other.end - one.end);
  const at = (offset: number): number => {
    let count = 0;
    for (const range of sorted) {
      if (range.start > offset) break;
      if (offset < range.end) count = range.count;
    }
    return count;
  };
  for (const [index, { start }] of parts.statements.entries()) counts.statements[index]! += at(start);
  for (const [index, { body }] of parts.functions.entries()) counts.functions[index]! += at(body.start);
  for (const [index, { whole, ways }] of parts.branches.entries()) {
    const taken = ways.map(({ start }) => at(start));
    const row = counts.branches[index]!;
    for (const [way, { implicit }] of ways.entries()) {
      row[way]! += implicit ? Math.max(0, at(whole.start) - taken[0]!) : taken[way]!;
    }
  }
}
