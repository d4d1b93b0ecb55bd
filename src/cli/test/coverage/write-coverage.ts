import { join, relative, resolve } from 'node:path';
import coverageLibrary from 'istanbul-lib-coverage';
import { createContext } from 'istanbul-lib-report';
import reports from 'istanbul-reports';
import type { CoverageReporter } from '../test-options.ts';
import type { CoveredFile } from './collect-coverage.ts';
import type { Span } from './coverage-map.ts';

export interface WriteOptions {
  reporters: readonly CoverageReporter[];
  directory: string;
  /** Where a file lies that stacks show as `acme/get_user.js`. */
  pathOf(file: string): string;
  /** Where tables go, and where the reports are. */
  write(text: string): void;
}

/** What each writes into the directory. */
const written: Record<CoverageReporter, string[]> = {
  text: [],
  'text-summary': [],
  lcov: ['lcov.info', 'lcov-report/index.html'],
  lcovonly: ['lcov.info'],
  html: ['index.html'],
  json: ['coverage-final.json'],
  'json-summary': ['coverage-summary.json'],
  cobertura: ['cobertura-coverage.xml'],
};

/** Writes the reports by istanbul's own. */
export function writeCoverage(
  files: readonly CoveredFile[],
  { reporters, directory, pathOf, write }: WriteOptions,
): void {
  const map = coverageLibrary.createCoverageMap();
  const sources = new Map<string, string>();
  for (const file of files) {
    const path = pathOf(file.file);
    sources.set(path, file.source);
    map.addFileCoverage(fileCoverage(path, file) as never);
  }
  const context = createContext({
    dir: resolve(directory),
    coverageMap: map,
    sourceFinder: (path: string) => sources.get(path) ?? '',
  });
  // HTML is a part of lcov as well; once is enough.
  const names = reporters.map((name) => (name === 'lcov' && reporters.includes('html') ? 'lcovonly' : name));
  const capture = (context as unknown as { writer: { constructor: Capture } }).writer.constructor;
  capture.resetOutput();
  capture.startCapture();
  try {
    for (const name of names) reports.create(name, { projectRoot: process.cwd() } as never).execute(context);
  } finally {
    capture.stopCapture();
  }
  write(capture.getOutput());
  const paths = new Set(
    names.flatMap((name) => written[name].map((file) => shownPath(join(directory, file)))),
  );
  if (paths.size > 0) write(`Coverage: ${[...paths].join(', ')}\n`);
}

/** How istanbul's file writer keeps what would go to the standard output. */
interface Capture {
  startCapture(): void;
  stopCapture(): void;
  getOutput(): string;
  resetOutput(): void;
}

const shownPath = (path: string) => relative(process.cwd(), resolve(path)) || path;

function fileCoverage(path: string, { source, parts, counts }: CoveredFile) {
  const lineStarts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const place = (offset: number) => {
    const line = lineStarts.findLastIndex((start) => start <= offset);
    return { line: line + 1, column: offset - lineStarts[line]! };
  };
  const location = ({ start, end }: Span) => ({ start: place(start), end: place(end) });
  return {
    path,
    statementMap: keyed(parts.statements.map(location)),
    s: keyed(counts.statements),
    fnMap: keyed(
      parts.functions.map(({ name, declaration, body }) => ({
        name,
        decl: location({ start: declaration.start, end: body.start }),
        loc: location(body),
        line: place(declaration.start).line,
      })),
    ),
    f: keyed(counts.functions),
    branchMap: keyed(
      parts.branches.map(({ type, whole, ways }) => ({
        type,
        loc: location(whole),
        line: place(whole.start).line,
        locations: ways.map(location),
      })),
    ),
    b: keyed(counts.branches),
  };
}

const keyed = <Value>(values: readonly Value[]): Record<string, Value> =>
  Object.fromEntries(values.map((value, index) => [String(index), value]));
