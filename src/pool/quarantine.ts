/**
 * Who is to blame when sandbox processes die, and what becomes of them. A process carries many connections; which of
 * them killed it shows only where one was alone. So those that were there when one died are set apart in wards, few
 * processes that nobody else is in, and dealt out over these anew with each death, until the one is alone with its
 * deed. That is a strike; some strikes within a while put the connection into quarantine.
 */
export interface Quarantine {
  standing(suspect: Suspect): Standing;
  /** A process has ended in a way that a script can have brought about, under these. */
  died(suspects: readonly Suspect[], reason: string): void;
  /** An execution came to an end that harmed nobody. */
  finished(suspect: Suspect): void;
  /** Connections in quarantine at the moment. */
  count(): number;
}

export interface Suspect {
  connection: string;
  /** Another version is another script: it starts with a clean record. */
  version: string;
}

export type Standing =
  | { kind: 'free' }
  | { kind: 'apart'; ward: number }
  | { kind: 'quarantined'; reason: string; retryAfterMs: number };

export type QuarantineEvent =
  | { kind: 'apart'; connection: string; reason: string }
  | { kind: 'quarantined'; connection: string; reason: string; forMs: number }
  | { kind: 'cleared'; connection: string };

interface Record {
  version: string;
  ward: number;
  apartUntil: number;
  strikes: number[];
  quarantinedUntil: number;
  /** Of the last quarantine; 0: there was none. */
  quarantineMs: number;
  reason: string;
  goodSince: number;
}

export const WARDS = 4;
export const STRIKES = 3;
const WITHIN_MS = 2 * 60 * 1000;
const APART_MS = 5 * 60 * 1000;
const FIRST_QUARANTINE_MS = 30 * 1000;
const MAX_QUARANTINE_MS = 10 * 60 * 1000;
/** Executions without harm after a quarantine that make its record clean. */
const GOOD_TO_CLEAR = 20;

export function createQuarantine({
  now = () => performance.now(),
  onEvent,
}: {
  now?: () => number;
  onEvent(event: QuarantineEvent): void;
}): Quarantine {
  const records = new Map<string, Record>();
  let nextWard = 0;

  function recordOf({ connection, version }: Suspect): Record | undefined {
    const record = records.get(connection);
    if (!record || record.version === version) return record;
    clear(connection);
    return undefined;
  }

  function clear(connection: string): void {
    if (records.delete(connection)) onEvent({ kind: 'cleared', connection });
  }

  function setApart(suspect: Suspect, reason: string, alone: boolean): Record {
    const { connection, version } = suspect;
    const known = recordOf(suspect);
    const record = known ?? {
      version,
      ward: 0,
      apartUntil: 0,
      strikes: [],
      quarantinedUntil: 0,
      quarantineMs: 0,
      reason,
      goodSince: 0,
    };
    records.set(connection, record);
    if (!alone || !known) record.ward = nextWard++ % WARDS;
    record.apartUntil = now() + APART_MS;
    record.goodSince = 0;
    if (!known) onEvent({ kind: 'apart', connection, reason });
    return record;
  }

  function strike(suspect: Suspect, record: Record, reason: string): void {
    record.strikes = [...record.strikes.filter((at) => at > now() - WITHIN_MS), now()];
    // Whoever comes from a quarantine has used up its chances.
    if (record.strikes.length < STRIKES && record.quarantineMs === 0) return;
    record.quarantineMs = Math.min(MAX_QUARANTINE_MS, record.quarantineMs * 2 || FIRST_QUARANTINE_MS);
    record.quarantinedUntil = now() + record.quarantineMs;
    record.apartUntil = record.quarantinedUntil + APART_MS;
    const times =
      record.strikes.length > 1 ? `${record.strikes.length} sandbox processes` : 'a sandbox process';
    record.reason = `its scripts have ended ${times}: ${reason}`;
    record.strikes = [];
    const { connection } = suspect;
    onEvent({ kind: 'quarantined', connection, reason: record.reason, forMs: record.quarantineMs });
  }

  return {
    standing(suspect) {
      const record = recordOf(suspect);
      if (!record) return { kind: 'free' };
      const { quarantinedUntil, reason, ward } = record;
      if (quarantinedUntil > now())
        return { kind: 'quarantined', reason, retryAfterMs: quarantinedUntil - now() };
      if (record.apartUntil > now()) return { kind: 'apart', ward };
      clear(suspect.connection);
      return { kind: 'free' };
    },
    died(suspects, reason) {
      for (const suspect of suspects) {
        const alone = suspects.length === 1;
        const record = setApart(suspect, reason, alone);
        if (alone) strike(suspect, record, reason);
      }
    },
    finished(suspect) {
      if (records.size === 0) return;
      const record = recordOf(suspect);
      if (!record) return;
      record.goodSince++;
      if (record.quarantineMs > 0 && record.goodSince >= GOOD_TO_CLEAR) clear(suspect.connection);
    },
    count() {
      let count = 0;
      for (const { quarantinedUntil } of records.values()) if (quarantinedUntil > now()) count++;
      return count;
    },
  };
}
