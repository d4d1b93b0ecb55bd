import type { DatabaseSync } from 'node:sqlite';
import type { EventLog } from '../events/event-log.ts';
import type { BridgeClient } from './bridge/bridge-client.ts';
import type { EnrollmentDecisions } from './database/enrollment-decisions.ts';
import type { Passkeys } from './database/passkeys.ts';
import type { ServerKeys } from './database/server-keys.ts';
import type { Extension } from './extension.ts';
import type { Logins } from './login/logins.ts';
import type { Ceremonies } from './passkeys/ceremonies.ts';
import type { AuthServerSettings } from './settings.ts';

/** What the handlers are given; create-auth-server.ts builds it. */
export interface Parts {
  settings: AuthServerSettings;
  bridge: BridgeClient;
  database: DatabaseSync;
  keys: ServerKeys;
  passkeys: Passkeys;
  enrollmentDecisions: EnrollmentDecisions;
  ceremonies: Ceremonies;
  logins: Logins;
  events: EventLog;
  extensions: readonly Extension[];
  now(): number;
  /** Hears of what nobody foresaw. */
  onFault(error: unknown): void;
}
