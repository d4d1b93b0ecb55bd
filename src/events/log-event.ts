import { type EventType, eventTypes } from './event-types.ts';

/** What is known of an event beside its type; `details` are cut to size, see `boundDetails`. */
export interface EventInput {
  readonly type: EventType;
  readonly connection?: string | undefined;
  readonly client_id?: string | undefined;
  readonly client_name?: string | undefined;
  /** The user_id of a profile; never what a user has typed. */
  readonly user_id?: string | undefined;
  readonly ip?: string | undefined;
  readonly user_agent?: string | undefined;
  readonly hostname?: string | undefined;
  readonly organization_id?: string | undefined;
  readonly execution_id?: string | undefined;
  /** JSON. Codes and kinds, never the words of a script, which may repeat what a user has typed. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** One event as it is kept, answered and written. */
export interface LogEvent extends Omit<EventInput, 'type'> {
  /** Sorts by time; no two are alike. */
  readonly log_id: string;
  /** ISO 8601 with milliseconds. */
  readonly date: string;
  readonly type: EventType;
  readonly description: string;
  readonly tenant_name: string;
  readonly strategy: 'auth0';
  readonly strategy_type: 'database';
}

export const TEXT_MAX = 500;
export const EVENT_MAX_BYTES = 8 * 1024;
const DEPTH_MAX = 5;
const FIELDS_MAX = 50;

/** Fields that hold what a user has typed or what must be secret: should one get into details, it is left out. */
const neverKept =
  /^(?:e_?mail|new_email|user_?name|new_username|phone(?:_number)?|new_phone_number|identifier|login_hint|password|new_password|passphrase|otp|recovery_codes?|secret|client_secret|api_?key|private_?key|public_?key|(?:access_|refresh_|id_)?token|auth_session|authorization|cookie|challenge|credential|credential_?id|user_?handle|client_?data_?json|authenticator_?data|attestation_?object|signature|code_verifier)$/i;

const cut = (text: string) => (text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX - 1)}…` : text);

function bounded(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object' || depth > DEPTH_MAX) return undefined;
  if (Array.isArray(value)) {
    return value.slice(0, FIELDS_MAX).map((item) => bounded(item, depth + 1) ?? null);
  }
  return boundDetails(value as Record<string, unknown>, depth + 1);
}

/** A copy of JSON with short texts, few fields and none that must not be kept. */
function boundDetails(details: Readonly<Record<string, unknown>>, depth = 0): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  let fields = 0;
  for (const [key, value] of Object.entries(details)) {
    if (value === undefined || neverKept.test(key)) continue;
    if (++fields > FIELDS_MAX) break;
    kept[cut(key)] = bounded(value, depth);
  }
  return kept;
}

const optional = [
  'connection',
  'client_id',
  'client_name',
  'user_id',
  'ip',
  'user_agent',
  'hostname',
  'organization_id',
  'execution_id',
] as const;

/** The event and its line of JSON, of `EVENT_MAX_BYTES` at most. */
export function buildEvent(
  input: EventInput,
  about: { log_id: string; date: string; tenant_name: string },
): { event: LogEvent; line: string } {
  const event: Record<string, unknown> = {
    log_id: about.log_id,
    date: about.date,
    type: input.type,
    description: eventTypes[input.type].description,
    tenant_name: about.tenant_name,
    strategy: 'auth0',
    strategy_type: 'database',
  };
  for (const field of optional) {
    const value = input[field];
    if (value !== undefined) event[field] = cut(value);
  }
  if (input.details) event.details = boundDetails(input.details);
  const line = JSON.stringify(event);
  if (Buffer.byteLength(line) <= EVENT_MAX_BYTES) return { event: event as unknown as LogEvent, line };
  return shortened(event);
}

/** What it is about matters more than its details, then the short fields more than the long ones. */
function shortened(event: Record<string, unknown>): { event: LogEvent; line: string } {
  const short: Record<string, unknown> = { ...event, details: { truncated: true } };
  for (const field of [undefined, ...optional.toReversed()]) {
    if (field !== undefined) delete short[field];
    const line = JSON.stringify(short);
    if (Buffer.byteLength(line) <= EVENT_MAX_BYTES) return { event: short as unknown as LogEvent, line };
  }
  throw new RangeError('an event without any field of its caller is too large');
}
