import type { Reporter, Write } from './report.ts';

/** One JSON object, for programs: `{ ok, passed, failed, …, cases, mistakes }`. */
export function createJsonReporter(write: Write): Reporter {
  const say = (value: object) => write(`${JSON.stringify(value, null, 2)}\n`);
  return {
    end: (report) => say({ ...report, mistakes: [] }),
    mistakes: (mistakes) =>
      say({
        ok: false,
        files: 0,
        passed: 0,
        failed: 0,
        skipped: 0,
        notRun: 0,
        durationMs: 0,
        cases: [],
        mistakes,
      }),
  };
}
