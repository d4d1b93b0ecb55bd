import { z } from 'zod';
import type { AuthServerSettings } from '../settings.ts';

/** SQLite keeps UTF-8, in which all halves of surrogate pairs are one and the same: users would share a second factor. */
const UserId = z
  .string()
  .min(1)
  .refine((text) => text.isWellFormed());
const User = z.looseObject({ user_id: UserId, blocked: z.boolean().optional() });
/** A profile as the user's own store has it at this moment. */
export type User = z.infer<typeof User>;

const Found = z.looseObject({ found: z.boolean(), user: User.nullable() });
const WithUser = z.looseObject({ user: User });
const UserHandle = z.looseObject({ user_handle: z.string().min(1), user_id: z.string().nullable() });

const PasskeyOptions = z.looseObject({
  challenge_ui: z.enum(['both', 'autofill', 'button']).nullish(),
  progressive_enrollment_enabled: z.boolean().nullish(),
  local_enrollment_enabled: z.boolean().nullish(),
});
const method = z.looseObject({ enabled: z.boolean().optional() }).nullish();
const identifier = z
  .looseObject({
    identifier: z.looseObject({ active: z.boolean().optional() }).nullish(),
    signup: z.looseObject({ status: z.string().optional() }).nullish(),
  })
  .nullish();

const ConnectionSettings = z.looseObject({
  authentication_methods: z.looseObject({ password: method, passkey: method }).nullish(),
  passkey_options: PasskeyOptions.nullish(),
  attributes: z.looseObject({ email: identifier, username: identifier, phone_number: identifier }).nullish(),
  requires_username: z.boolean().nullish(),
  precedence: z.array(z.enum(['email', 'phone_number', 'username'])).nullish(),
  disable_signup: z.boolean().nullish(),
  mfa: z.looseObject({ active: z.boolean().nullish() }).nullish(),
});
export type ConnectionSettings = z.infer<typeof ConnectionSettings>;
const Connection = z.looseObject({
  settings: ConnectionSettings,
  /** Mistakes in its files; what was served before them is served still. */
  problems: z.array(z.looseObject({ file: z.string(), message: z.string() })).default([]),
});
export type Connection = z.infer<typeof Connection>;

const Problem = z.looseObject({
  code: z.string(),
  title: z.string().optional(),
  detail: z.string().optional(),
  log_code: z.string().optional(),
  execution_id: z.string().optional(),
});

export type IdentifierType = 'email' | 'username' | 'phone_number';
export interface Organization {
  id: string;
  name: string;
  display_name?: string | undefined;
}

export interface NewUser {
  /** Exactly what the user typed, under its type; and what else is known. */
  user: Readonly<Record<string, unknown>>;
  method: 'password' | 'passkey';
  userHandle?: string;
  /** The same for each try of one sign-up, so that a try that was cut off makes no double. */
  idempotencyKey: string;
}

interface BridgeErrorMore {
  logCode?: string | undefined;
  executionId?: string | undefined;
}

/** What the bridge answered, or that it did not. The message is for the log: it may be a script's own words. */
export class BridgeError extends Error {
  override readonly name = 'BridgeError';
  /** A code of docs/errors.md, or `bridge_unreachable`, or `bridge_answer_invalid`. */
  readonly code: string;
  /** 0 where there was no answer. */
  readonly status: number;
  /** `fp` or `fu` of a refused login. */
  readonly logCode: string | undefined;
  /** Where a script was run: how the bridge's log, and its recordings, name that. */
  readonly executionId: string | undefined;

  constructor(code: string, status: number, detail: string, { logCode, executionId }: BridgeErrorMore = {}) {
    super(detail);
    this.code = code;
    this.status = status;
    this.logCode = logCode;
    this.executionId = executionId;
  }

  /** The user store could not be asked: nothing may be concluded about the user. */
  get isOutage(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** More than a script's own deadline. */
const WITHIN_MS = 30_000;

/** What the auth server asks of the bridge. Every call throws BridgeError. */
export function createBridgeClient({ url, apiKey, connection }: AuthServerSettings['bridge']) {
  const base = `${url}/v1/connections/${encodeURIComponent(connection)}`;

  async function call<Answer>(path: string, schema: z.ZodType<Answer>, body?: object, headers = {}) {
    const response = await fetch(base + path, {
      method: body ? 'POST' : 'GET',
      headers: {
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(apiKey ? { authorization: `Bearer ${apiKey.reveal()}` } : {}),
        ...headers,
      },
      body: body ? JSON.stringify(body) : null,
      redirect: 'error',
      signal: AbortSignal.timeout(WITHIN_MS),
    }).catch(lost);
    // What is cut off half-way is no answer, either.
    const text = await response.text().catch(lost);
    const answer: unknown = await new Response(text).json().catch(() => undefined);
    if (!response.ok) throw refusal(response.status, answer);
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new BridgeError('bridge_answer_invalid', 502, `${path} answered something else`);
  }

  function lost(): never {
    throw new BridgeError('bridge_unreachable', 0, `${url} does not answer`);
  }

  const look = async (by: object, organization?: Organization): Promise<User | undefined> =>
    (await call('/get-user', Found, { ...by, ...within(organization) })).user ?? undefined;

  return {
    findByIdentifier: (identifier: string, organization?: Organization) => look({ identifier }, organization),
    findByUserId: (userId: string, organization?: Organization) => look({ user_id: userId }, organization),
    /** `ip` is the end user's, for the bridge's limits on guessing. */
    async logIn(identifier: string, password: string, ip?: string, organization?: Organization) {
      const headers = ip ? { 'x-forwarded-for': ip } : {};
      const body = { identifier, password, ...within(organization) };
      return (await call('/login', WithUser, body, headers)).user;
    },
    async signUp(newUser: NewUser, clientId: string, organization?: Organization) {
      const { user, method, userHandle, idempotencyKey } = newUser;
      const body = { user, method, client_id: clientId, user_handle: userHandle, ...within(organization) };
      return (await call('/signup', WithUser, body, { 'idempotency-key': idempotencyKey })).user;
    },
    newUserHandle: async () => (await call('/user-handle', UserHandle, {})).user_handle,
    userHandleOf: async (userId: string) =>
      (await call('/user-handle', UserHandle, { user_id: userId })).user_handle,
    async bindUserHandle(userHandle: string, userId: string): Promise<void> {
      await call('/user-handle', UserHandle, { user_handle: userHandle, user_id: userId });
    },
    /** Undefined: a handle that is bound to nobody, or that nobody knows. */
    async userIdOf(userHandle: string): Promise<string | undefined> {
      try {
        return (await call('/user-handle', UserHandle, { user_handle: userHandle })).user_id ?? undefined;
      } catch (error) {
        if (error instanceof BridgeError && error.code === 'user_handle_not_found') return undefined;
        throw error;
      }
    },
    connection: () => call('', Connection),
    passkeyReadiness: () => call('/passkey-readiness', z.unknown(), {}),
  };
}

export type BridgeClient = ReturnType<typeof createBridgeClient>;

/** The fields that the bridge knows; settings of ours may have more. */
const within = (organization: Organization | undefined) => ({
  organization: organization && {
    id: organization.id,
    name: organization.name,
    display_name: organization.display_name,
  },
});

function refusal(status: number, answer: unknown): BridgeError {
  const problem = Problem.safeParse(answer);
  if (!problem.success) return new BridgeError('bridge_answer_invalid', status, `status ${status}`);
  const { code, title, detail = title ?? '', log_code, execution_id } = problem.data;
  return new BridgeError(code, status, detail, { logCode: log_code, executionId: execution_id });
}
