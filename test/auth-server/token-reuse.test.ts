import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, beginOverHttp } from './support/form-client.ts';
import { nativeApplication } from './support/native-application.ts';
import { createSoftwareAuthenticator } from './support/software-authenticator.ts';
import { type Stack, startStack } from './support/start-stack.ts';

describe('codes and tokens that are used twice at once', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  /** The same request three times in parallel: one may win. */
  async function race(fields: Record<string, string>): Promise<unknown[]> {
    const send = () =>
      fetch(`${stack.origin}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: 'app', ...fields }),
      });
    const answers = await Promise.all([send(), send(), send()]);
    const bodies = await Promise.all(answers.map((answer) => answer.json() as Promise<{ error?: string }>));
    return bodies.map(({ error = 'tokens' }) => error).sort();
  }

  it('gives tokens for a code once', async () => {
    const code_verifier = 'v'.repeat(43);
    const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');
    const client = await beginOverHttp(stack, { code_challenge });
    await client.post('/identifier', { identifier: 'jane@example.com' });
    let answer: Answer = await client.post('/password', { password: 'janes-demo-password' });
    if (answer.headers.get('location')?.endsWith('/enroll')) answer = await client.post('/enroll/skip');
    let location = answer.headers.get('location')!;
    while (!location.startsWith(stack.app.redirectUri))
      location = (await client.get(location)).headers.get('location')!;
    const code = new URL(location).searchParams.get('code')!;
    const redirect_uri = stack.app.redirectUri;
    const all = await race({ grant_type: 'authorization_code', code, code_verifier, redirect_uri });
    expect(all).toEqual(['invalid_grant', 'invalid_grant', 'tokens']);
  });

  it('gives tokens for a refresh token once, however slow the user store is', async () => {
    const native = nativeApplication({ origin: stack.origin });
    const device = createSoftwareAuthenticator({ origin: stack.origin });
    const begun = await native.register({ email: 'refresh@example.com' });
    const response = device.create(begun.body.authn_params_public_key);
    const scope = 'openid offline_access';
    const { body } = await native.exchange(begun.body.auth_session, response, { scope });
    const all = await race({ grant_type: 'refresh_token', refresh_token: body.refresh_token });
    expect(all).toEqual(['invalid_grant', 'invalid_grant', 'tokens']);
  });
});
