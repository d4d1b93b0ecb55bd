import type { Logger } from '../log.ts';
import type { QuarantineEvent } from './quarantine.ts';

export function logQuarantine(log: Logger, event: QuarantineEvent): void {
  const { connection } = event;
  switch (event.kind) {
    case 'apart':
      return log.warn(
        { connection, reason: event.reason },
        'a sandbox process died or was spoiled under this connection; it is run apart until it shows whose doing that was',
      );
    case 'quarantined':
      return log.error(
        { connection, reason: event.reason, forS: event.forMs / 1_000 },
        'the connection is in quarantine: its scripts keep ending sandbox processes',
      );
    case 'cleared':
      return log.info({ connection }, 'the connection is under no suspicion any more');
    default:
      return event satisfies never;
  }
}
