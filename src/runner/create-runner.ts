import { startExecution } from './execution.ts';
import { logOnce } from './log-once.ts';
import { refuse } from './refuse.ts';
import { runAction } from './run-action.ts';
import type { Runner } from './runner.ts';
import type { RunnerParts } from './runner-parts.ts';
import { signUp } from './signup.ts';

export type RunnerOptions = Pick<RunnerParts, 'pool' | 'tenant' | 'scriptTimeoutMs'> &
  Partial<Pick<RunnerParts, 'log' | 'onFinished' | 'observe' | 'observeSignup'>>;

/** The runner over a pool. `log` gets each profile warning once per version of a connection. */
export function createRunner(options: RunnerOptions): Runner {
  const { log = () => {}, onFinished = () => {} } = options;
  const parts: RunnerParts = { ...options, onFinished, log, logWarning: logOnce(log) };
  return {
    async run(connection, action, input, callOptions) {
      const execution = startExecution(connection, callOptions);
      return execution.answer(await runAction(parts, execution, action, input));
    },
    refusal: (connection, action, executionId) => refuse(parts, connection, action, executionId),
    async signup(connection, input, callOptions) {
      const execution = startExecution(connection, callOptions);
      return execution.answer({ user: await signUp(parts, execution, input) });
    },
  };
}
