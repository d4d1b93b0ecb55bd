import type { EventLog } from '../events/event-log.ts';
import type { BridgeClient } from './bridge/bridge-client.ts';
import type { Passkeys } from './database/passkeys.ts';
import type { Logins } from './login/logins.ts';
import type { NativeSessions } from './native/native-sessions.ts';
import type { Ceremonies } from './passkeys/ceremonies.ts';
import type { AuthServerSettings } from './settings.ts';

/** What the handlers are given; create-auth-server.ts builds it. */
export interface Parts {
  settings: AuthServerSettings;
  bridge: BridgeClient;
  passkeys: Passkeys;
  ceremonies: Ceremonies;
  logins: Logins;
  nativeSessions: NativeSessions;
  events: EventLog;
  now(): number;
  /** Hears of what nobody foresaw. */
  onFault(error: unknown): void;
}
