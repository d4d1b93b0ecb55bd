import { type ErrorCode, errorTable, type ServiceError } from '../errors.ts';
import type { EventType } from '../events/event-types.ts';
import type { EventInput } from '../events/log-event.ts';
import { signupMethod } from '../runner/check-create.ts';
import type { ActionAnswer } from '../runner/runner.ts';
import type { ActionInputs } from '../scripts/actions.ts';
import type { ScriptBody, ScriptEndpoint } from './endpoints/script-endpoint.ts';

/** Whose call it is. */
export interface EventSubject {
  readonly endpoint: Pick<ScriptEndpoint, 'script'>;
  readonly connection: string;
  /** Absent where it was not read. */
  readonly body?: ScriptBody | undefined;
  /** The end user's address, where it is known; see client-source.ts. */
  readonly ip: string | undefined;
}

const types: Readonly<
  Record<ScriptEndpoint['script'], { readonly success?: EventType; readonly failure: EventType }>
> = {
  // Part of other steps, which tell of themselves; what it cannot do is a login that fails.
  get_user: { failure: 'f' },
  login: { success: 's', failure: 'f' },
  create: { success: 'ss', failure: 'fs' },
  signup: { success: 'ss', failure: 'fs' },
  verify: { success: 'sv', failure: 'fv' },
  change_password: { success: 'scp', failure: 'fcp' },
  change_email: { success: 'sce', failure: 'fce' },
  change_username: { success: 'scu', failure: 'fcu' },
  change_phone_number: { success: 'scpn', failure: 'fcpn' },
  delete: { success: 'sdu', failure: 'fdu' },
};

/** What is an answer to whoever sent the request, not a step of a user's. */
const untold: ReadonlySet<ErrorCode> = new Set(['invalid_request', 'connection_not_found']);

const tenths = (ms: number) => Math.round(ms * 10) / 10;

function commonOf({ connection, body, ip }: EventSubject) {
  const { client_id, user_id } = (body ?? {}) as { client_id?: string; user_id?: string };
  return { connection, client_id, user_id, ip, organization_id: body?.organization?.id };
}

/** `pwd` and `passkey` are the words of tenant logs. */
function methodsOf({ endpoint: { script }, body }: EventSubject): readonly string[] | undefined {
  if (body === undefined || (script !== 'create' && script !== 'signup')) return undefined;
  return [signupMethod(body as ActionInputs['create']) === 'passkey' ? 'passkey' : 'pwd'];
}

/** None where a success is no step of its own. */
export function successEvent(subject: EventSubject, answer: ActionAnswer<object>): EventInput | undefined {
  const { script } = subject.endpoint;
  const type = types[script].success;
  if (type === undefined) return undefined;
  const { id, durationMs, timings } = answer.execution;
  const { user } = answer.result as { user?: { user_id?: string } };
  const common = commonOf(subject);
  return {
    type,
    ...common,
    user_id: user?.user_id ?? common.user_id,
    execution_id: id,
    details: {
      script,
      authentication_methods: methodsOf(subject),
      execution: { duration_ms: tenths(durationMs), cold_start: timings.coldStart },
    },
  };
}

/** The code and its title alone: the words of a script may repeat what the user has typed. */
export function failureEvent(
  subject: EventSubject,
  error: ServiceError,
  executionId: string | undefined,
): EventInput | undefined {
  const { code, details } = error;
  if (untold.has(code)) return undefined;
  const { script } = subject.endpoint;
  const refused = script === 'login' && code === 'wrong_username_or_password';
  return {
    type: refused ? (details.logCode === 'fp' ? 'fp' : 'fu') : types[script].failure,
    ...commonOf(subject),
    execution_id: executionId,
    details: {
      script: details.script ?? script,
      authentication_methods: methodsOf(subject),
      error: { code, message: errorTable[code].title },
      execution:
        details.durationMs === undefined
          ? undefined
          : { duration_ms: tenths(details.durationMs), cold_start: details.timings?.coldStart ?? false },
    },
  };
}
