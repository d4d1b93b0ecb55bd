import type { CountedRange, FileCoverage } from '../contract/coverage.ts';
import type { ConnectionDefinition } from '../contract/definition.ts';
import { wrapHelper } from './wrap-helper.ts';
import { wrapScript } from './wrap-script.ts';

/** For each file of a connection: takes ranges in the wrapped code to ranges in the author's source. */
export function createOffsetCorrections({ scripts, helperSets = [] }: ConnectionDefinition) {
  const corrections = new Map<string, (ranges: readonly CountedRange[]) => FileCoverage>();
  for (const script of scripts) {
    const { columnOffset = 0, code } = wrapScript(script);
    // Of the statement that is the entry: see wrap-script.ts.
    const isStatement = script.entry.form === 'statement';
    const insertedAt = isStatement ? (script.entry as { offset: number }).offset : Number.POSITIVE_INFINITY;
    const inserted = isStatement ? 'module.exports='.length : 0;
    const authors = (offset: number) => {
      const own = offset - columnOffset;
      return own > insertedAt ? Math.max(insertedAt, own - inserted) : own;
    };
    add(script.file, script.source.length, code, authors);
  }
  for (const [set, files] of helperSets.entries()) {
    for (const helper of files.filter(({ file }) => !file.endsWith('.json'))) {
      const { columnOffset = 0, code } = wrapHelper(set, helper);
      add(helper.file, helper.source.length, code, (offset) => offset - columnOffset);
    }
  }
  return corrections;

  function add(file: string, length: number, code: string, authors: (offset: number) => number): void {
    const within = (offset: number) => Math.min(length, Math.max(0, authors(offset)));
    corrections.set(file, (ranges) => ({
      file,
      ranges: ranges
        // That of the whole code says only that it was compiled and run.
        .filter(({ start, end }) => start > 0 || end < code.length)
        .map(({ start, end, count }) => ({ start: within(start), end: within(end), count })),
    }));
  }
}
