import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Connection } from '../connections/connection.ts';
import { ServiceError } from '../errors.ts';
import type { Pool } from '../pool/pool.ts';
import type { ActionAnswer, CallOptions, Runner } from '../runner/runner.ts';
import type { ActionInputs, UserProfile } from '../scripts/actions.ts';
import { compareAnswers, type DifferenceKind, isComparable, type ScriptAnswer } from './compare-answers.ts';
import type { ShadowReports } from './shadow-reports.ts';

/** One call that was, or would have been, run by both versions; for metrics. */
export interface ShadowRun {
  script: ActionName;
  result: 'same' | 'different' | 'skipped';
  kind?: DifferenceKind;
  servedMs?: number;
  shadowMs?: number;
}

export interface ShadowParts {
  /** Answers the callers. */
  runner: Runner;
  /** Runs the new versions: what they say goes to a log of their own. */
  shadowRunner: Pick<Runner, 'run'>;
  pool: Pick<Pool, 'stats'>;
  reports: ShadowReports;
  onRun(run: ShadowRun): void;
}

/** Beyond it a new version that hangs would take the places of those that answer. */
const MAX_UNDER_WAY = 8;

/**
 * Runs the new version of a read-only script after the served one has answered, where the connection has one, and
 * compares. Callers get what `runner` answers, when it answers; whatever the new version does is a line in the report.
 */
export function createShadowingRunner(parts: ShadowParts): Runner {
  const { runner, pool, reports, onRun } = parts;
  let underWay = 0;

  function afterwards<A extends ActionName>(
    connection: Connection,
    action: A,
    input: ActionInputs[A],
    options: CallOptions,
    served: Answered,
  ): void {
    const { shadow, options: settings } = connection;
    if (!shadow?.scripts[action]) return;
    if (settings.shadow?.sample != null && Math.random() >= settings.shadow.sample) return;
    const skip = () => {
      reports.skip(connection, action);
      onRun({ script: action, result: 'skipped' });
    };
    const isBusy = underWay >= MAX_UNDER_WAY || pool.stats().waiting > 0;
    if (isBusy || !isComparable(served.answer)) return skip();
    underWay++;
    void runShadow(parts, shadow, action, input, options)
      .then((second) => {
        if (!second || !isComparable(second.answer)) return skip();
        const difference = compareAnswers(served.answer, second.answer, settings.shadow?.ignore ?? []);
        const timing = { servedMs: served.durationMs, shadowMs: second.durationMs };
        const by = action === 'login' ? 'password' : 'user_id' in input ? 'user_id' : 'identifier';
        reports.add(connection, action, {
          execution: served.executionId,
          at: new Date(),
          by,
          difference,
          ...timing,
        });
        onRun({
          script: action,
          result: difference ? 'different' : 'same',
          ...(difference ? { kind: difference.kind } : {}),
          ...timing,
        });
      })
      .finally(() => {
        underWay--;
      });
  }

  return {
    async run(connection, action, input, options = {}) {
      if (!connection.shadow) return runner.run(connection, action, input, options);
      try {
        const answer = await runner.run(connection, action, input, options);
        afterwards(connection, action, input, options, answeredBy(answer));
        return answer;
      } catch (error) {
        const failed = failedBy(error);
        if (failed) afterwards(connection, action, input, options, failed);
        throw error;
      }
    },
    refusal: runner.refusal,
    signup: runner.signup,
  };
}

interface Answered {
  answer: ScriptAnswer;
  executionId: string;
  durationMs: number;
}

/** Never rejects; undefined for a fault of ours. */
async function runShadow<A extends ActionName>(
  { shadowRunner }: Pick<ShadowParts, 'shadowRunner'>,
  shadow: Connection,
  action: A,
  input: ActionInputs[A],
  { organization }: CallOptions,
): Promise<Answered | undefined> {
  try {
    return answeredBy(await shadowRunner.run(shadow, action, input, { organization }));
  } catch (error) {
    return failedBy(error);
  }
}

/** Of get_user and login; the other actions have no shadow. */
function answeredBy({ result, execution }: ActionAnswer<object>): Answered {
  const { user } = result as { user?: UserProfile | null };
  const answer: ScriptAnswer = user ? { kind: 'found', user } : { kind: 'not_found' };
  return { answer, executionId: execution.id, durationMs: execution.durationMs };
}

/** An error without timings ended before a script was run: both versions would be refused in the same way. */
function failedBy(error: unknown): Answered | undefined {
  if (!(error instanceof ServiceError) || error.details.timings === undefined) return undefined;
  const { executionId = '', durationMs = 0 } = error.details;
  return { answer: { kind: 'error', code: error.code }, executionId, durationMs };
}
