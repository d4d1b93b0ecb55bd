import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Timings } from '../../sandbox/contract/outcome.ts';
import type { Connection } from '../connections/connection.ts';
import type { ServiceError } from '../errors.ts';
import type { ActionInputs, ActionResults, UserProfile } from '../scripts/actions.ts';
import type { ObserveScript } from './script-observer.ts';

/** `context.organization`. */
export interface Organization {
  id: string;
  name?: string;
  display_name?: string;
  metadata?: Record<string, unknown>;
}

export interface CallOptions {
  organization?: Organization | undefined;
  /** `exec_…`; one is made when it is not given. */
  executionId?: string;
  /** Of create and signup: hears of the profile that Create returned, before the proof. Must not throw. */
  onCreated?: ((user: UserProfile) => void) | undefined;
  /** In place of the runner's own. */
  observe?: ObserveScript | undefined;
}

export interface ActionAnswer<Result> {
  result: Result;
  execution: { id: string; durationMs: number; timings: Timings };
  /** For the script's author; they change nothing. */
  warnings: { code: string; message: string; path?: string }[];
}

/** Runs a connection's scripts by contract. Throws ServiceError with the codes of docs/errors.md. */
export interface Runner {
  run<A extends ActionName>(
    connection: Connection,
    action: A,
    input: ActionInputs[A],
    options?: CallOptions,
  ): Promise<ActionAnswer<ActionResults[A]>>;
  /** The error that `run` would throw at once for want of room, whatever the input; nothing is run. */
  refusal(connection: Connection, action: ActionName, executionId: string): ServiceError | undefined;
  /** get-user by every identifier given, create, then login or get-user by user_id as proof. */
  signup(
    connection: Connection,
    input: ActionInputs['create'],
    options?: CallOptions,
  ): Promise<ActionAnswer<ActionResults['create']>>;
}
