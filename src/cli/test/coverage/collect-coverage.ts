import type { FileCoverage } from '../../../../sandbox/contract/coverage.ts';
import type { Connection } from '../../../connections/connection.ts';
import { addCounts, noCounts, type PartCounts } from './count-parts.ts';
import { findParts, type SourceParts } from './coverage-map.ts';

/** A script or helper file with what has been run of it. */
export interface CoveredFile {
  /** As stacks show it: `acme/get_user.js`. */
  file: string;
  source: string;
  parts: SourceParts;
  counts: PartCounts;
}

/** Sums up what all executions have run of these connections' files; what nothing ran is there with zeros. */
export function createCoverage(connections: Iterable<Connection>) {
  const files = new Map<string, CoveredFile>();
  for (const { definition } of connections) {
    const helpers = (definition.helperSets ?? []).flat().filter(({ file }) => !file.endsWith('.json'));
    for (const { file, source } of [...definition.scripts, ...helpers]) {
      const parts = findParts(source);
      files.set(file, { file, source, parts, counts: noCounts(parts) });
    }
  }
  return {
    add(covered: readonly FileCoverage[]): void {
      for (const { file, ranges } of covered) {
        const known = files.get(file);
        if (known && ranges.length > 0) addCounts(known.counts, known.parts, ranges);
      }
    },
    files: (): CoveredFile[] => [...files.values()].sort((one, other) => (one.file < other.file ? -1 : 1)),
  };
}
