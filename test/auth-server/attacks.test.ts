import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, beginOverHttp } from './support/form-client.ts';
import {
  asForm,
  beginSignUpOverHttp,
  claimsAfter,
  type Somebody,
  sendPasskey,
  signUpOverHttp,
} from './support/over-http.ts';
import { type Bend, createSoftwareAuthenticator } from './support/software-authenticator.ts';
import { type Stack, startStack } from './support/start-stack.ts';

describe('attacks on the ceremonies', () => {
  let stack: Stack;
  let alice: Somebody;
  let bob: Somebody;
  beforeAll(async () => {
    stack = await startStack();
    alice = await signUpOverHttp(stack, 'alice@example.com');
    bob = await signUpOverHttp(stack, 'bob@example.com', { bend: { counter: 5 } });
  });
  afterEach(() => {
    stack.bridge.setOutage();
    stack.bridge.intercept();
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const newDevice = () => createSoftwareAuthenticator({ origin: stack.origin });
  /** A login as it should be, by a new visitor. */
  async function logIn({ device, email, sub }: Somebody): Promise<void> {
    const client = await beginOverHttp(stack);
    const claims = await claimsAfter(stack, client, await sendPasskey(client, device));
    expect(claims).toMatchObject({ email, sub, amr: ['phr'] });
  }

  /** Sessions, codes and tokens that are somebody's. */
  function granted(): unknown {
    using database = new DatabaseSync(stack.databaseFile, { readOnly: true, timeout: 5000 });
    const sql =
      "SELECT count(*) AS n FROM oidc_records WHERE json_extract(payload, '$.accountId') IS NOT NULL";
    return database.prepare(sql).get()?.n;
  }

  const told = async () =>
    (await stack.events()).map(
      ({ type, details }) => `${type} ${(details?.error as { code?: string })?.code}`,
    );

  /** Refused with the code, nothing granted, and both can log in right afterwards. */
  async function expectRefused(attack: () => Promise<Answer>, event: string, status = 422): Promise<void> {
    const [grantedBefore, before] = [granted(), (await told()).length];
    const answer = await attack();
    expect(answer.status).toBe(status);
    expect(answer.headers.get('location')).toBeNull();
    expect(answer.text).toContain('role="alert"');
    expect((await told()).slice(before)).toEqual([event]);
    expect(granted()).toBe(grantedBefore);
    stack.bridge.intercept();
    stack.bridge.setOutage();
    await logIn(alice);
    await logIn(bob);
  }

  const challengeFailed = (code: string) => `gd_webauthn_challenge_failed ${code}`;
  const enrollmentFailed = (code: string) => `gd_webauthn_enrollment_failed ${code}`;

  it.each<[string, (of: { bob: Somebody; alice: Somebody }) => Bend, string]>([
    ['another origin', () => ({ origin: 'https://evil.example' }), 'origin_not_allowed'],
    ['another relying party', () => ({ rpId: 'evil.example' }), 'rp_id_mismatch'],
    ['no user verification', () => ({ userVerified: false }), 'user_not_verified'],
    ['nobody present', () => ({ userPresent: false }), 'user_not_verified'],
    ['a made-up user handle', () => ({ userHandle: 'AAAA' }), 'user_handle_mismatch'],
    ['no user handle', () => ({ userHandle: null }), 'user_handle_mismatch'],
    [
      "another user's handle",
      (of) => ({ userHandle: of.alice.device.passkeys[0]!.userHandle }),
      'user_handle_mismatch',
    ],
    [
      "another user's credential and handle",
      (of) => ({ id: of.alice.device.passkeys[0]!.id, userHandle: of.alice.device.passkeys[0]!.userHandle }),
      'signature_invalid',
    ],
    ['a counter that goes back', () => ({ counter: 4 }), 'counter_went_back'],
    [
      'a counter that stands still',
      (of) => ({ counter: of.bob.device.passkeys[0]!.counter }),
      'counter_went_back',
    ],
    ['a counter that does not count any more', () => ({ counter: 0 }), 'counter_went_back'],
    ['a signature of something else', () => ({ badSignature: true }), 'signature_invalid'],
    ['a credential that nobody has', () => ({ id: 'AAAA' }), 'passkey_unknown'],
    ['a challenge that was never made', () => ({ challenge: 'AAAA' }), 'challenge_unknown'],
    ['the type of a registration', () => ({ type: 'webauthn.create' }), 'response_invalid'],
  ])('refuses a login with %s', async (_what, bend, code) => {
    await expectRefused(async () => {
      const client = await beginOverHttp(stack);
      const bent = bend({ alice, bob });
      return client.post('/passkey', asForm(bob.device.get(await client.options('/passkey'), bent)));
    }, challengeFailed(code));
  });

  it('refuses a response that was used before, in the same login and in another', async () => {
    const client = await beginOverHttp(stack);
    const response = asForm(alice.device.get(await client.options('/passkey'), { userVerified: false }));
    await client.post('/passkey', response);
    await expectRefused(() => client.post('/passkey', response), challengeFailed('challenge_unknown'));

    const first = await beginOverHttp(stack);
    const good = asForm(alice.device.get(await first.options('/passkey')));
    await first.follow(await first.post('/passkey', good));
    const other = await beginOverHttp(stack);
    await expectRefused(() => other.post('/passkey', good), challengeFailed('challenge_unknown'));
  });

  it('refuses the challenge of another login, and one that is too old', async () => {
    const [mine, theirs] = [await beginOverHttp(stack), await beginOverHttp(stack)];
    const response = asForm(alice.device.get(await theirs.options('/passkey')));
    await expectRefused(() => mine.post('/passkey', response), challengeFailed('challenge_unknown'));

    const late = asForm(alice.device.get(await mine.options('/passkey')));
    stack.advance(5 * 60_000 + 1);
    await expectRefused(() => mine.post('/passkey', late), challengeFailed('challenge_unknown'));
  });

  it('refuses the answer of one ceremony to the other', async () => {
    const client = await beginSignUpOverHttp(stack, 'mixed@example.com');
    const made = asForm(newDevice().create(await client.options('/signup/passkey')));
    await expectRefused(() => client.post('/passkey', made), challengeFailed('response_invalid'));
    const used = asForm(alice.device.get(await client.options('/passkey')));
    await expectRefused(() => client.post('/signup/passkey', used), enrollmentFailed('response_invalid'));
    const crossed = alice.device.get(await client.options('/signup/passkey'));
    await expectRefused(() => client.post('/passkey', asForm(crossed)), challengeFailed('challenge_unknown'));
  });

  it.each<[string, Bend, string]>([
    ['another origin', { origin: 'https://evil.example' }, 'origin_not_allowed'],
    ['another relying party', { rpId: 'evil.example' }, 'rp_id_mismatch'],
    ['no user verification', { userVerified: false }, 'user_not_verified'],
    ['a made-up challenge', { challenge: 'AAAA' }, 'challenge_unknown'],
  ])('makes no user of a sign-up with %s', async (_what, bend, code) => {
    await expectRefused(async () => {
      const client = await beginSignUpOverHttp(stack, 'attacker@example.com');
      return client.post(
        '/signup/passkey',
        asForm(newDevice().create(await client.options('/signup/passkey'), bend)),
      );
    }, enrollmentFailed(code));
    expect(await isThere('attacker@example.com')).toBe(false);
  });

  const isThere = async (identifier: string) =>
    (await stack.bridge.service.run('acme', 'get-user', { identifier })).body.found;

  it("refuses to register another user's credential again, and leaves it with them", async () => {
    await expectRefused(async () => {
      const client = await beginSignUpOverHttp(stack, 'attacker@example.com');
      const options = await client.options('/signup/passkey');
      const response = newDevice().create(options, { id: alice.device.passkeys[0]!.id });
      return client.post('/signup/passkey', asForm(response));
    }, enrollmentFailed('passkey_exists'));
    expect(await isThere('attacker@example.com')).toBe(false);
  });

  it("refuses the passkey of a sign-up in another's", async () => {
    const [mine, theirs] = [
      await beginSignUpOverHttp(stack, 'mine@example.com'),
      await beginSignUpOverHttp(stack, 'theirs@example.com'),
    ];
    const response = asForm(newDevice().create(await mine.options('/signup/passkey')));
    await theirs.options('/signup/passkey');
    await expectRefused(
      () => theirs.post('/signup/passkey', response),
      enrollmentFailed('challenge_unknown'),
    );
    expect(await isThere('theirs@example.com')).toBe(false);
  });

  it('refuses a passkey that was begun for another identifier of the same login', async () => {
    const client = await beginSignUpOverHttp(stack, 'begun@example.com');
    const response = asForm(newDevice().create(await client.options('/signup/passkey')));
    await client.post('/signup', { identifier: 'changed@example.com' });
    await expectRefused(
      () => client.post('/signup/passkey', response),
      enrollmentFailed('user_handle_mismatch'),
    );
    expect(await isThere('changed@example.com')).toBe(false);
  });

  it('refuses the passkey of a sign-up that made no user', async () => {
    const device = newDevice();
    const client = await beginSignUpOverHttp(stack, 'pending@example.com');
    stack.bridge.setOutage(/^POST \/users$/);
    await client.post('/signup/passkey', asForm(device.create(await client.options('/signup/passkey'))));
    stack.bridge.setOutage();
    await expectRefused(async () => {
      const login = await beginOverHttp(stack);
      return login.post('/passkey', asForm(device.get(await login.options('/passkey'))));
    }, challengeFailed('sign_up_unfinished'));
  });

  it("logs in the passkey's user, whoever was named before", async () => {
    const client = await beginOverHttp(stack);
    await client.post('/identifier', { identifier: alice.email });
    const response = asForm(bob.device.get(await client.options('/passkey')));
    await client.follow(await client.post('/passkey', response));
    expect(stack.app.last().claims).toMatchObject({ sub: bob.sub });
  });

  it('refuses the passkey of a deleted user whose user_id was given to another', async () => {
    const gone = await signUpOverHttp(stack, 'gone@example.com');
    await stack.bridge.service.run('acme', 'delete', { user_id: gone.sub });
    const successor = { user_id: gone.sub, email: 'successor@example.com', email_verified: true };
    await expectRefused(async () => {
      stack.bridge.intercept((request, forward) =>
        request.url === `/users/${gone.sub}` ? request.answer(200, successor) : forward(request),
      );
      const client = await beginOverHttp(stack);
      return client.post('/passkey', asForm(gone.device.get(await client.options('/passkey'))));
    }, challengeFailed('user_not_found'));
  });

  it("does not take another user's profile from a script", async () => {
    await expectRefused(async () => {
      stack.bridge.intercept((request, forward) =>
        forward(request.url === `/users/${alice.sub}` ? { ...request, url: `/users/${bob.sub}` } : request),
      );
      const client = await beginOverHttp(stack);
      const answer = await client.post(
        '/passkey',
        asForm(alice.device.get(await client.options('/passkey'))),
      );
      expect(answer.text).toContain('Your account cannot be looked up at the moment');
      return answer;
    }, 'f user_id_mismatch');
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['a text', 'response=garbage'],
    ['JSON of something else', `response=${encodeURIComponent('{"id":1}')}`],
    ['lists for texts', 'response=a&response=b'],
    ['a deep object', `response=${encodeURIComponent('['.repeat(20_000))}`],
  ])('refuses %s in place of a response', async (_what, body) => {
    const client = await beginSignUpOverHttp(stack, 'garbage@example.com');
    await expectRefused(() => client.post('/passkey', body), challengeFailed('response_invalid'));
    await expectRefused(() => client.post('/signup/passkey', body), enrollmentFailed('response_invalid'));
  });

  it('refuses a megabyte', async () => {
    const client = await beginOverHttp(stack);
    const body = `response=${'a'.repeat(1024 * 1024)}`;
    await expectRefused(() => client.post('/passkey', body), 'f body_invalid', 413);
  });

  it('refuses a post from another origin', async () => {
    const client = await beginOverHttp(stack);
    const response = asForm(alice.device.get(await client.options('/passkey')));
    for (const origin of ['https://evil.example', 'null', stack.app.origin])
      await expectRefused(() => client.post('/passkey', response, { origin }), 'f cross_site_post', 403);
    await client.follow(await client.post('/passkey', response));
    expect(stack.app.last().claims).toMatchObject({ sub: alice.sub });
  });

  it("refuses another's login, with a cookie of one's own and with none", async () => {
    const [mine, theirs] = [await beginOverHttp(stack), await beginOverHttp(stack)];
    await expectRefused(() => mine.get(theirs.path), 'f login_expired', 400);
    await expectRefused(
      () => {
        theirs.clearCookies();
        return theirs.post('/passkey');
      },
      'f login_expired',
      400,
    );
  });
});
