import type { Organization } from '../../bridge/bridge-client.ts';
import type { EventContext, Parts } from '../../parts.ts';
import type { ClientSettings } from '../../settings.ts';
import type { OneTimeCodes } from '../post-login/one-time-codes.ts';
import type { MfaSessions } from './mfa/mfa-sessions.ts';
import type { NativeSessions } from './native-sessions.ts';

/** What the calls are given. */
export interface NativeParts extends Parts {
  sessions: NativeSessions;
  mfaSessions: MfaSessions;
  organizations: readonly Organization[];
  /** Undefined where nothing here takes them. */
  codes: OneTimeCodes | undefined;
}

/** A call at the token endpoint. */
export interface ExchangeCall extends EventContext {
  parts: NativeParts;
  client: ClientSettings;
}
