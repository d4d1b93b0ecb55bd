import type { Connection } from '../../connections/connection.ts';
import { parseFixture } from '../../fixtures/parse-fixture.ts';
import type { RedactedFixture } from '../../fixtures/redact/recording.ts';
import { runFixtureCase } from '../../testkit/run-fixture-case.ts';
import type { RunResult } from '../../testkit/run-result.ts';
import { RunError } from '../run/errors.ts';
import type { CommandIo } from '../run/load-for-run.ts';

export interface Replay {
  /** Whether the fixture ends as the recorded run did: code, found, and the fields of the profile with their types. */
  same: boolean;
  /** How it differs. */
  differences: string[];
  /** Fields whose value scripts derive from others, so that redaction cannot say what it will be. */
  derived: string[];
}

/**
 * Runs a redacted fixture with its mocks, in a sandbox that reaches nothing. Takes fields out of the expectation whose
 * values cannot be foreseen; everything else has to be as it was.
 */
export async function replay(
  fixture: RedactedFixture,
  connection: Connection,
  io: CommandIo,
): Promise<Replay> {
  const sandbox = await io.openSandbox({});
  try {
    const first = await runOnce();
    const derived = dropDerived(fixture, first.result);
    const last = derived.length > 0 ? await runOnce() : first;
    const differences = last.failures.flatMap(({ message, details }) => [
      message,
      ...details.map((line) => `  ${line}`),
    ]);
    return { same: last.failures.length === 0, differences, derived };
  } finally {
    await sandbox.close();
  }

  async function runOnce() {
    const parsed = parseFixture('recording', JSON.stringify(fixture));
    if ('mistakes' in parsed) {
      const [first] = parsed.mistakes;
      throw new RunError(`the recording is no fixture: ${first?.path} ${first?.message}`);
    }
    return runFixtureCase(sandbox, connection, parsed.parsed.cases[0]!);
  }
}

/** `user_id` always has to be the one foreseen: it is what everything else goes by. */
function dropDerived({ cases: [only] }: RedactedFixture, result: RunResult<unknown>): string[] {
  if (!result.ok) return [];
  const user = only.expect.user as Record<string, unknown> | undefined;
  const received = (result.result as { user?: Record<string, unknown> | null }).user;
  if (!user || !received) return [];
  const derived = Object.keys(user).filter(
    (field) =>
      field !== 'user_id' &&
      shapeOf(user[field]) === shapeOf(received[field]) &&
      JSON.stringify(user[field]) !== JSON.stringify(received[field]),
  );
  for (const field of derived) delete user[field];
  return derived;
}

/** `{"plan":"string"}` */
function shapeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return JSON.stringify(value.map(shapeOf));
  if (typeof value !== 'object') return typeof value;
  return JSON.stringify(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}
