import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Connection } from '../connections/connection.ts';
import type { Difference, DifferenceKind } from './compare-answers.ts';
import type { DifferenceCount, ScriptReport, ShadowReport } from './shadow-report.ts';

/** One call that both versions answered. Durations in milliseconds. */
export interface Comparison {
  execution: string;
  at: Date;
  /** How the user was asked for. */
  by: 'identifier' | 'user_id' | 'password';
  difference: Difference | undefined;
  servedMs: number;
  shadowMs: number;
}

export interface ShadowReports {
  add(connection: Connection, action: ActionName, comparison: Comparison): void;
  skip(connection: Connection, action: ActionName): void;
  /** Undefined where the connection has no shadow. */
  of(connection: Connection): ShadowReport | undefined;
}

const EXAMPLES = 5;
const DURATIONS = 1_000;

interface Tally {
  compared: number;
  skipped: number;
  differences: Map<DifferenceKind, DifferenceCount>;
  served: number[];
  shadow: number[];
}

interface Kept {
  version: string;
  since: Date;
  tallies: Map<ActionName, Tally>;
}

/** A call under way may end after its connection has changed; its version is remembered for so long. */
const VERSIONS = 2;

/** In memory: a change of either version, and a restart of the service, begin anew. */
export function createShadowReports(now: () => Date = () => new Date()): ShadowReports {
  /** By connection, the newest version first. */
  const reports = new Map<string, Kept[]>();

  function keptOf({ name, version }: Connection): Kept {
    const versions = reports.get(name) ?? [];
    const known = versions.find((each) => each.version === version);
    if (known) return known;
    const kept = { version, since: now(), tallies: new Map() };
    reports.set(name, [kept, ...versions].slice(0, VERSIONS));
    return kept;
  }

  function tallyOf(connection: Connection, action: ActionName): Tally {
    const { tallies } = keptOf(connection);
    let tally = tallies.get(action);
    if (!tally) {
      tally = { compared: 0, skipped: 0, differences: new Map(), served: [], shadow: [] };
      tallies.set(action, tally);
    }
    return tally;
  }

  return {
    add(connection, action, comparison) {
      const tally = tallyOf(connection, action);
      const at = tally.compared++ % DURATIONS;
      tally.served[at] = comparison.servedMs;
      tally.shadow[at] = comparison.shadowMs;
      if (comparison.difference) count(tally.differences, comparison, comparison.difference);
    },
    skip(connection, action) {
      tallyOf(connection, action).skipped++;
    },
    of(connection) {
      const { shadow } = connection.options;
      if (!shadow) return undefined;
      const { since, tallies } = keptOf(connection);
      return {
        connection: connection.name,
        dir: shadow.dir,
        since: since.toISOString(),
        problems: problemsOf(connection.shadow),
        scripts: Object.fromEntries([...tallies].map(([action, tally]) => [action, reportOf(tally)])),
      };
    },
  };
}

function problemsOf(shadow: Connection | undefined): ShadowReport['problems'] {
  return Object.values(shadow?.scripts ?? {}).flatMap(({ file, problem }) => {
    if (!problem) return [];
    const place = {
      file: problem.file ?? file,
      ...(problem.line === undefined ? {} : { line: problem.line }),
    };
    return [{ ...place, message: problem.message }];
  });
}

function count(
  differences: Tally['differences'],
  { execution, at, by }: Comparison,
  { kind, ...said }: Difference,
): void {
  const time = at.toISOString();
  const known = differences.get(kind) ?? { kind, count: 0, first_at: time, last_at: time, examples: [] };
  known.count++;
  known.last_at = time;
  known.examples = [{ execution, at: time, by, ...said }, ...known.examples].slice(0, EXAMPLES);
  differences.set(kind, known);
}

function reportOf({ compared, skipped, differences, served, shadow }: Tally): ScriptReport {
  const counts = [...differences.values()].sort((one, other) => other.count - one.count);
  return {
    compared,
    different: counts.reduce((sum, each) => sum + each.count, 0),
    skipped,
    differences: structuredClone(counts),
    timing: compared === 0 ? null : { served: quantiles(served), shadow: quantiles(shadow) },
  };
}

function quantiles(durations: readonly number[]) {
  const sorted = [...durations].sort((one, other) => one - other);
  const at = (part: number) => tenths(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!);
  return { p50: at(0.5), p95: at(0.95) };
}

const tenths = (ms: number) => Math.round(ms * 10) / 10;
