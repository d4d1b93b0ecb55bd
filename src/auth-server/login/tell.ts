import type { EventType } from '../../events/event-types.ts';
import { BridgeError } from '../bridge/bridge-error.ts';
import type { Told } from '../parts.ts';
import { CeremonyError } from '../passkeys/ceremony-error.ts';
import { StepError } from './step-error.ts';

/** Emits a log event about this login. Users are told by their user_id; what they typed stays out. */
export function tell(
  told: Told,
  type: EventType,
  more: { userId?: string | undefined; details?: object } = {},
): void {
  const { parts, client, domain, login, req } = told;
  parts.events.emit({
    type,
    connection: parts.settings.bridge.connection,
    client_id: client?.client_id,
    client_name: client?.client_name,
    user_id: more.userId ?? login.proven?.user.user_id,
    ip: req.ip,
    user_agent: req.headers['user-agent'],
    hostname: domain.host,
    organization_id: login.organization?.id,
    ...(more.details ? { details: { ...more.details } } : {}),
  });
}

/** The same for something that failed; anything that is no failure of a ceremony or of the bridge is ours. */
export function tellFailure(told: Told, type: EventType, error: unknown, details: object = {}): void {
  const userId = error instanceof CeremonyError ? error.userId : undefined;
  tell(told, type, { userId, details: { ...details, error: { code: codeOf(error) } } });
}

function codeOf(error: unknown): string {
  const isOurs = error instanceof CeremonyError || error instanceof BridgeError || error instanceof StepError;
  return isOurs ? error.code : 'internal_error';
}
