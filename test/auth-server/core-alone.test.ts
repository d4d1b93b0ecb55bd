import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginOverHttp } from './support/form-client.ts';
import { localFetch } from './support/local-fetch.ts';
import {
  asForm,
  claimsAfter,
  claimsIn,
  sendPasskey,
  sendPassword,
  signUpOverHttp,
} from './support/over-http.ts';
import { createSoftwareAuthenticator } from './support/software-authenticator.ts';
import { type Stack, startStack } from './support/start-stack.ts';

describe('the auth server without any extension', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ extend: () => [], grantTypes: ['authorization_code', 'refresh_token'] });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  it('signs up with a passkey, and logs in with it', async () => {
    const { email, sub, device } = await signUpOverHttp(stack, 'core@example.com');
    const client = await beginOverHttp(stack);
    const claims = await claimsAfter(stack, client, await sendPasskey(client, device));
    expect(claims).toMatchObject({ sub, email, amr: ['phr'] });
  });

  it('logs in with a password, and offers a passkey', async () => {
    const client = await beginOverHttp(stack);
    const answer = await sendPassword(client, 'jane@example.com', 'janes-demo-password');
    expect(answer.headers.get('location')).toMatch(/\/enroll$/);
    const device = createSoftwareAuthenticator({ origin: stack.origin });
    const made = await client.post('/enroll', asForm(device.create(await client.options('/enroll'))));
    const claims = claimsIn(stack, await client.follow(made));
    expect(claims).toMatchObject({ sub: '42', amr: ['pwd'] });

    const again = await beginOverHttp(stack);
    expect(await claimsAfter(stack, again, await sendPasskey(again, device))).toMatchObject({ sub: '42' });
  });

  it('does not start for an application that needs one', async () => {
    await expect(startStack({ extend: () => [] })).rejects.toThrow(
      'grant_types of client "app": nothing here knows "urn:okta:params:oauth:grant-type:webauthn"',
    );
  });

  it('has nothing of theirs', async () => {
    for (const path of ['/admin', '/v1/events', '/passkey/challenge', '/login/x/second-factor'])
      expect([path, (await localFetch(stack.origin + path)).status]).toEqual([path, 404]);
    expect((await localFetch(`${stack.origin}/`).then((home) => home.text())).includes('/admin')).toBe(false);
  });
});
