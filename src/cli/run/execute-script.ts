import type { ActionName } from '../../../sandbox/contract/actions.ts';
import type { Exchange } from '../../../sandbox/contract/exchange.ts';
import type { Timings } from '../../../sandbox/contract/outcome.ts';
import type { Connection } from '../../connections/connection.ts';
import { createMask, type Mask } from '../../masking/mask-secrets.ts';
import { secretInputs } from '../../masking/secret-inputs.ts';
import { explainProfile, type ProfileExplanation } from '../../profile/explain-profile.ts';
import { profileRulesFor } from '../../profile/profile-rules.ts';
import type { Returned } from '../../runner/returned.ts';
import type { ActionInputs } from '../../scripts/actions.ts';
import type { ContextOrganization } from '../../scripts/build-arguments.ts';
import type { SandboxRunOptions, TestSandbox } from '../../testkit/open-sandbox.ts';
import type { ConsoleLine, RunResult } from '../../testkit/run-result.ts';
import type { RunnableScript } from './build-input.ts';

export interface ScriptCall {
  connection: Connection;
  script: RunnableScript;
  input: Record<string, unknown>;
  organization: ContextOrganization | undefined;
}

/** All that a run has brought to light. Nothing in it is masked but what the runner has masked. */
export interface ScriptRun extends ScriptCall {
  result: RunResult<object>;
  totalMs: number;
  /** Of all scripts of a signup together; none where nothing was run. */
  timings: Timings | undefined;
  /** The scripts that ran, in their order. */
  scripts: ActionName[];
  exchanges: Exchange[];
  /** Of the last script that returns profiles: what it gave to its callback, and each rule. */
  returned: { script: ActionName; value: unknown; explanation: ProfileExplanation } | undefined;
  console: ConsoleLine[];
  /** What the egress policy refused, with the reason. */
  blocked: string[];
  /** For whatever is shown of the run. */
  mask: Mask;
}

export async function executeScript(
  sandbox: TestSandbox,
  call: ScriptCall,
  options: Pick<SandboxRunOptions, 'perform'> = {},
): Promise<ScriptRun> {
  const { connection, script, input, organization } = call;
  const exchanges: Exchange[] = [];
  const scripts: ActionName[] = [];
  const console: ConsoleLine[] = [];
  const blocked: string[] = [];
  let timings: Timings | undefined;
  let returned: ScriptRun['returned'];
  const runOptions: SandboxRunOptions = {
    ...options,
    organization,
    onEvent({ code, level, text }) {
      if (code === 'egress_blocked') blocked.push(text);
      else if (code === 'console' || code === 'late_error') console.push({ level, text });
    },
    observe: ({ script: action }) => {
      scripts.push(action);
      return {
        onExchange: (exchange) => exchanges.push(exchange),
        onReturned(given) {
          returned = explain(connection, action, given) ?? returned;
        },
        onEnd: (end) => {
          timings = timings ? sum(timings, end.timings) : end.timings;
        },
      };
    },
  };
  const startedAt = performance.now();
  const result: RunResult<object> =
    script === 'signup'
      ? await sandbox.signup(connection, input as ActionInputs['create'], runOptions)
      : await sandbox.run(connection, script, input as never, runOptions);
  const totalMs = performance.now() - startedAt;
  const mask = createMask(
    connection.definition.configuration,
    secretInputs(script === 'signup' ? 'create' : script, input),
  );
  return { ...call, result, totalMs, timings, scripts, exchanges, returned, console, blocked, mask };
}

function explain(
  { options }: Connection,
  script: ActionName,
  { value, notes }: Returned,
): ScriptRun['returned'] {
  if (script !== 'login' && script !== 'get_user' && script !== 'create') return undefined;
  // Nothing, which says "no such user": there is no profile to hold rules to.
  if (!value && notes.length === 0) return undefined;
  return { script, value, explanation: explainProfile(value, profileRulesFor(options, script), notes) };
}

function sum(one: Timings, other: Timings): Timings {
  return {
    queueMs: one.queueMs + other.queueMs,
    scriptMs: one.scriptMs + other.scriptMs,
    upstreamMs: one.upstreamMs + other.upstreamMs,
    cpuMs: one.cpuMs + other.cpuMs,
    coldStart: one.coldStart || other.coldStart,
  };
}
