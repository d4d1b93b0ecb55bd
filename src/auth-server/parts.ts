import type { EventLog } from '../events/event-log.ts';
import type { Admins } from './admin/admins.ts';
import type { BridgeClient } from './bridge/bridge-client.ts';
import type { EnrollmentDecisions } from './database/enrollment-decisions.ts';
import type { Members } from './database/members.ts';
import type { PanelStore } from './database/panel-settings.ts';
import type { Passkeys } from './database/passkeys.ts';
import type { TotpFactors } from './database/totp-factors.ts';
import type { UsedInvitations } from './database/used-invitations.ts';
import type { Logins } from './login/logins.ts';
import type { WrongCodes } from './login/wrong-codes.ts';
import type { NativeSessions } from './native/native-sessions.ts';
import type { Ceremonies } from './passkeys/ceremonies.ts';
import type { AuthServerSettings } from './settings.ts';

/** What the handlers are given; create-auth-server.ts builds it. */
export interface Parts {
  settings: AuthServerSettings;
  bridge: BridgeClient;
  passkeys: Passkeys;
  totpFactors: TotpFactors;
  wrongCodes: WrongCodes;
  usedInvitations: UsedInvitations;
  members: Members;
  /** 32 bytes. */
  invitationKey: Buffer;
  enrollmentDecisions: EnrollmentDecisions;
  ceremonies: Ceremonies;
  logins: Logins;
  panel: PanelStore;
  /** Who may use the panel; undefined where there is none. */
  admins: Admins | undefined;
  nativeSessions: NativeSessions;
  events: EventLog;
  now(): number;
  /** Hears of what nobody foresaw. */
  onFault(error: unknown): void;
}
