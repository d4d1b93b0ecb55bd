import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Exchange } from '../../sandbox/contract/exchange.ts';
import type { Timings } from '../../sandbox/contract/outcome.ts';
import type { Connection } from '../connections/connection.ts';
import type { ErrorCode, ServiceError } from '../errors.ts';
import type { ContextOrganization } from '../scripts/build-arguments.ts';
import type { Returned } from './returned.ts';

/** One script that is about to run; a signup is several. Holds what it is given, passwords included. */
export interface ObservedScript {
  connection: Connection;
  script: ActionName;
  input: object;
  organization: ContextOrganization | undefined;
  /** Of the call that the script is part of. */
  execution: string;
}

/** Hears of one script more than the caller gets. Nothing of it is masked: whoever keeps any of it answers for it. */
export interface ScriptObserver {
  /** Each call of an upstream. Recording begins with this being there, and costs nothing without. */
  onExchange?(exchange: Exchange): void;
  /** What it gave to its callback, before the rules for profiles. */
  onReturned?(returned: Returned): void;
  onEnd?(end: { code: ErrorCode | 'ok'; error?: ServiceError; result?: unknown; timings: Timings }): void;
}

/** Whether a script is to be observed; asked before each. */
export type ObserveScript = (script: ObservedScript) => ScriptObserver | undefined;

/** Whether a signup is to be observed as one: with the calls of all its scripts, and its own end. */
export type ObserveSignup = (signup: Omit<ObservedScript, 'script'>) => ScriptObserver | undefined;
