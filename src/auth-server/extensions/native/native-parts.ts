import type { Organization } from '../../bridge/bridge-client.ts';
import type { Parts } from '../../parts.ts';
import type { NativeSessions } from './native-sessions.ts';

/** What the calls are given. */
export interface NativeParts extends Parts {
  sessions: NativeSessions;
  organizations: readonly Organization[];
}
