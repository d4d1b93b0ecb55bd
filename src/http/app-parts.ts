import type { Connection, ConnectionStore } from '../connections/connection.ts';
import type { EventLog } from '../events/event-log.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Logger } from '../log.ts';
import type { SeenBehaviour } from '../passkeys/check-readiness.ts';
import type { ReadinessReport } from '../passkeys/report.ts';
import type { Pool } from '../pool/pool.ts';
import type { Recordings } from '../runner/recordings.ts';
import type { Runner } from '../runner/runner.ts';
import type { ShadowReports } from '../shadow/shadow-reports.ts';
import type { UserHandles } from '../user-handles/user-handles.ts';
import type { Draining } from './draining.ts';
import type { Idempotency } from './idempotency.ts';
import type { LoginProtection } from './login/login-protection.ts';
import type { Metrics } from './metrics.ts';

/** What the app is made of; service.ts builds it. */
export interface AppParts {
  /** The tenant served: keys of others are refused. */
  tenant: string;
  version: string;
  store: ConnectionStore;
  runner: Runner;
  pool: Pick<Pool, 'ready' | 'retire'>;
  recordings: Pick<Recordings, 'list' | 'get'>;
  keys: KeyRing;
  /** Absent where no file is configured for them. */
  userHandles?: UserHandles | undefined;
  metrics: Metrics;
  shadowReports: Pick<ShadowReports, 'of'>;
  idempotency: Idempotency;
  logins: LoginProtection;
  events: EventLog;
  /** Whether passkeys will work on a connection. */
  readiness(connection: Connection, behaviour?: SeenBehaviour): Promise<ReadinessReport>;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[];
  draining: Draining;
  logger: Logger;
  /** docs/errors.md, which problem types refer to. */
  errorsPage: string;
}
