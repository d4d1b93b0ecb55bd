import { BridgeError } from '../../bridge/bridge-client.ts';
import { StepError, sayFailure } from '../../login/failures.ts';
import { CeremonyError } from '../../passkeys/ceremony-error.ts';

/** A refusal, as OAuth writes it. */
export class NativeError extends StepError {
  /** More fields of the answer. */
  readonly more: object;

  constructor(status: number, code: string, description: string, more: object = {}) {
    super(description, status, code);
    this.more = more;
  }
}

export interface NativeAnswer {
  status: number;
  body: { error: string; error_description: string };
}

/** What the application is answered. Undefined for a fault of ours. */
export function answerOf(error: unknown): NativeAnswer | undefined {
  if (error instanceof NativeError) return answer(error.status, error.code, error.message, error.more);
  if (error instanceof CeremonyError) {
    const isBlocked = error.code === 'user_blocked';
    return answer(isBlocked ? 403 : 400, isBlocked ? 'access_denied' : 'invalid_grant', error.message);
  }
  const sentence = sayFailure(error);
  if (!(error instanceof BridgeError) || sentence === undefined) return undefined;
  if (error.isOutage) return answer(503, 'temporarily_unavailable', sentence);
  if (error.code === 'access_denied') return answer(403, 'access_denied', sentence);
  return answer(400, error.code === 'user_exists' ? 'user_exists' : 'invalid_request', sentence);
}

function answer(status: number, error: string, error_description: string, more: object = {}): NativeAnswer {
  return { status, body: { error, error_description, ...more } };
}
