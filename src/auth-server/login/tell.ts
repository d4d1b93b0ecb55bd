import type { EventType } from '../../events/event-types.ts';
import { BridgeError } from '../bridge/bridge-error.ts';
import { CeremonyError } from '../passkeys/ceremony-error.ts';
import { StepError, type Visit } from './visit.ts';

/** Emits a log event about this login. Users are told by their user_id; what they typed stays out. */
export function tell(
  visit: Visit,
  type: EventType,
  more: { userId?: string | undefined; details?: object } = {},
): void {
  const { parts, client, domain, login, req } = visit;
  parts.events.emit({
    type,
    connection: parts.settings.bridge.connection,
    client_id: client.client_id,
    client_name: client.client_name,
    user_id: more.userId ?? login.user?.user_id,
    ip: req.ip,
    user_agent: req.headers['user-agent'],
    hostname: domain.host,
    organization_id: login.organization?.id,
    ...(more.details ? { details: { ...more.details } } : {}),
  });
}

/** The same for something that failed; anything that is no failure of a ceremony or of the bridge is ours. */
export function tellFailure(visit: Visit, type: EventType, error: unknown, details: object = {}): void {
  const userId = error instanceof CeremonyError ? error.userId : undefined;
  tell(visit, type, { userId, details: { ...details, error: { code: codeOf(error) } } });
}

function codeOf(error: unknown): string {
  if (error instanceof StepError) return error.code ?? 'refused';
  return error instanceof CeremonyError || error instanceof BridgeError ? error.code : 'internal_error';
}
