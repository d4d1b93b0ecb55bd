import { mfaOtpGrant, webauthnGrant } from '../../../src/auth-server/extensions/native/grant-types.ts';

export interface NativeReply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what is in it is what the tests assert
  body: any;
}

export interface NativeApplicationOptions {
  origin: string;
  clientId?: string;
  clientSecret?: string;
  /** Of every request, an address of its own for instance: `x-forwarded-for`. */
  headers?: Record<string, string>;
}

/** What an application does that shows its own pages: JSON to the passkey calls, then the exchange for tokens. */
export function nativeApplication({
  origin,
  clientId = 'app',
  clientSecret,
  headers = {},
}: NativeApplicationOptions) {
  const client = { client_id: clientId, ...(clientSecret ? { client_secret: clientSecret } : {}) };

  async function post(path: string, body: string, more: Record<string, string>): Promise<NativeReply> {
    const response = await fetch(origin + path, { method: 'POST', headers: { ...headers, ...more }, body });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
  }
  const postJson = (path: string, body: object, more: Record<string, string> = {}) =>
    post(path, JSON.stringify({ ...client, ...body }), { 'content-type': 'application/json', ...more });

  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  return {
    postJson,
    post,
    register: (user_profile: object, more: object = {}) =>
      postJson('/passkey/register', { user_profile, ...more }),
    challenge: (more: object = {}) => postJson('/passkey/challenge', more),
    /** With JSON, as browsers and phones do. */
    exchange: (auth_session: string, authn_response: unknown, more: object = {}) =>
      postJson('/oauth/token', { grant_type: webauthnGrant, auth_session, authn_response, ...more }),
    /** With a form, as servers do. */
    exchangeForm: (
      auth_session: string,
      authn_response: unknown,
      more: Record<string, string> = {},
      moreHeaders: Record<string, string> = {},
    ) =>
      post(
        '/oauth/token',
        new URLSearchParams({
          grant_type: webauthnGrant,
          auth_session,
          authn_response: JSON.stringify(authn_response),
          ...(moreHeaders.authorization ? {} : client),
          ...more,
        }).toString(),
        { ...form, ...moreHeaders },
      ),
    /** Of an authenticator app, after `mfa_required`. */
    exchangeCode: (mfa_token: string, otp: string, more: object = {}) =>
      postJson('/oauth/token', { grant_type: mfaOtpGrant, mfa_token, otp, ...more }),
    exchangeCodeForm: (mfa_token: string, otp: string) =>
      post(
        '/oauth/token',
        new URLSearchParams({ grant_type: mfaOtpGrant, mfa_token, otp, ...client }).toString(),
        form,
      ),
    mfaChallenge: (mfa_token: string, more: object = {}) =>
      postJson('/mfa/challenge', { mfa_token, ...more }),
    /** As Auth0's clients do, which name no application here. */
    associate: (mfa_token: string, more: object = {}) =>
      post('/mfa/associate', JSON.stringify({ authenticator_types: ['otp'], ...more }), {
        'content-type': 'application/json',
        authorization: `Bearer ${mfa_token}`,
      }),
    async authenticators(mfa_token: string): Promise<NativeReply> {
      const response = await fetch(`${origin}/mfa/authenticators`, {
        headers: { ...headers, authorization: `Bearer ${mfa_token}` },
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
  };
}
