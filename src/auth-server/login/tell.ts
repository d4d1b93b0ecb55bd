import type { EventType } from '../../events/event-types.ts';
import { BridgeError } from '../bridge/bridge-client.ts';
import type { EventContext } from '../parts.ts';
import { CeremonyError } from '../passkeys/ceremony-error.ts';
import { StepError } from './failures.ts';

/** Emits a log event about this login. Users are told by their user_id; what they typed stays out. */
export function tell(
  about: EventContext,
  type: EventType,
  { userId, details }: { userId?: string | undefined; details?: Record<string, unknown> } = {},
): void {
  const { parts, client, domain, login, req } = about;
  parts.events.emit({
    type,
    connection: parts.settings.bridge.connection,
    client_id: client?.client_id,
    client_name: client?.client_name,
    user_id: userId ?? login.proven?.user.user_id,
    ip: req.ip,
    user_agent: req.headers['user-agent'],
    hostname: domain.host,
    organization_id: login.organization?.id,
    details,
  });
}

/** The same for something that failed; anything that is no failure of a ceremony or of the bridge is ours. */
export function tellFailure(
  about: EventContext,
  type: EventType,
  error: unknown,
  details: object = {},
): void {
  const userId = error instanceof CeremonyError ? error.userId : undefined;
  tell(about, type, { userId, details: { ...details, error: describeFailure(error) } });
}

/** Its code; and which execution it was, as the bridge's log names it. */
export function describeFailure(error: unknown): { code: string; execution_id?: string } {
  if (error instanceof BridgeError) {
    const { code, executionId } = error;
    return { code, ...(executionId !== undefined ? { execution_id: executionId } : {}) };
  }
  const isKnown = error instanceof CeremonyError || error instanceof StepError;
  return { code: isKnown ? error.code : 'internal_error' };
}
