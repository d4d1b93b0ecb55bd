import { type LoadResult, median } from './load.ts';

export const quick = process.argv.includes('--quick');
export const json = process.argv.includes('--json');

const parts = [
  'throughput',
  'hardening',
  'cold',
  'memory',
  'fairness',
  'pg-select',
  'libraries',
  'author-tests',
] as const;
type Part = (typeof parts)[number];

/** Undefined: all. */
const only = process.argv.includes('--only')
  ? (process.argv[process.argv.indexOf('--only') + 1] ?? '').split(',')
  : undefined;
const unknown = only?.find((name) => !parts.includes(name as Part));
if (unknown !== undefined) {
  console.error(`error: there is no part "${unknown}" to measure; the parts are ${parts.join(', ')}`);
  process.exit(2);
}

/** Measures it unless other parts were asked for. */
export async function part<Result>(name: Part, measure: () => Promise<Result>): Promise<Result | undefined> {
  return only === undefined || only.includes(name) ? measure() : undefined;
}

/** A line for people; with --json there is none. */
export const say = (text: string) => json || console.log(text);

/** The median of each figure over rounds. */
export function middle(rounds: LoadResult[]): LoadResult {
  const pick = (key: keyof LoadResult) => median(rounds.map((round) => round[key]));
  return {
    requests: pick('requests'),
    errors: rounds.reduce((sum, round) => sum + round.errors, 0),
    perSecond: pick('perSecond'),
    p50Ms: pick('p50Ms'),
    p99Ms: pick('p99Ms'),
  };
}

export function row(name: string, { perSecond, p50Ms, p99Ms, errors }: LoadResult): string {
  const figures = `${perSecond.toFixed(0).padStart(6)}/s  p50 ${p50Ms.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms`;
  return `    ${name.padEnd(26)}${figures}${errors > 0 ? `  ${errors} ERRORS` : ''}`;
}
