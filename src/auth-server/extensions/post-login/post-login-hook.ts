import type { Organization, User } from '../../bridge/bridge-client.ts';

/** What the hook is told of a login, in the form of the `event` of Auth0's post-login Actions. */
export interface PostLoginEvent {
  /** What was proven so far, with ISO 8601 times. */
  readonly authentication: {
    readonly methods: readonly { readonly name: 'passkey' | 'pwd' | 'mfa'; readonly timestamp: string }[];
  };
  readonly user: User;
  readonly client: { readonly client_id: string; readonly name: string };
  readonly organization?: Organization | undefined;
  readonly connection: { readonly name: string; readonly strategy: 'auth0' };
  readonly request: {
    readonly ip: string | undefined;
    readonly user_agent: string | undefined;
    readonly hostname: string;
  };
}

/** What it may do about it. */
export interface PostLoginApi {
  /** `any` demands a second factor whatever the settings say, `none` waives it. */
  readonly multifactor: { enable(provider: 'any' | 'none'): void };
  /** The login ends: the application is answered `access_denied` with the reason. */
  readonly access: { deny(reason: string): void };
}

export type PostLoginHook = (event: PostLoginEvent, api: PostLoginApi) => Promise<void> | void;

export interface PostLoginOutcome {
  multifactor?: 'any' | 'none';
  /** Why nobody is let in. */
  denied?: string;
}

const WITHIN_MS = 5000;

/** Throws what the hook throws, and an Error when it takes too long: what it would do later counts for nothing. */
export async function runPostLoginHook(
  hook: PostLoginHook,
  event: PostLoginEvent,
  withinMs = WITHIN_MS,
): Promise<PostLoginOutcome> {
  const outcome: PostLoginOutcome = {};
  const api: PostLoginApi = {
    multifactor: {
      enable(provider) {
        if (provider !== 'any' && provider !== 'none')
          throw new TypeError(`api.multifactor.enable takes 'any' or 'none', not ${String(provider)}`);
        outcome.multifactor = provider;
      },
    },
    access: {
      deny(reason) {
        outcome.denied = String(reason);
      },
    },
  };
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`onPostLogin took more than ${withinMs} ms`)),
    withinMs,
  );
  try {
    await Promise.race([(async () => hook(event, api))(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
  return { ...outcome };
}
