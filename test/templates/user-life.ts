import { afterAll, beforeAll, expect, test } from 'vitest';
import { password } from '../service/running-service.ts';
import { describeHostileIdentifiers } from './hostile-identifiers.ts';
import { describeOutage } from './outage.ts';
import type { Life, ServedTemplate, Traits } from './served-template.ts';

/** What a passkey signup brings beside the profile; none of it is the store's business. */
const passkeyCeremony = {
  passkey: { id: 'credential-id', rawId: 'credential-id', type: 'public-key', response: {} },
  passkeyContext: { challenge: 'the-challenge', userHandle: 'the-handle', expectedOrigin: [] },
  passkey_user_handle: 'the-handle',
  transaction: { id: 'oauth2-webauthn', protocol: 'oauth2-webauthn' },
};

/** The whole life of a user through the HTTP API, over the template's own store. */
export function describeUserLife(start: () => Promise<ServedTemplate>, traits: Traits = {}): void {
  const stored = traits.stored ?? ((email: string) => email);
  const ann = { email: 'Ann+1@Example.com', username: 'ann', phone_number: '+15550123' };
  const john = { email: 'john@example.com', username: 'john', phone_number: '+15550199' };
  const names = { name: 'Ann Æther', given_name: 'Ann', family_name: 'Æther' };
  const user_metadata = { theme: 'dark', nested: { list: [1, "it's"], "it's": '😀' } };

  const life: Life = {
    served: undefined as never, // until beforeAll
    traits,
    annId: '',
    johnId: '',
    run: (call, body) => life.served.run(call, body),
    async expectNobody(body) {
      expect(await life.run('get-user', body)).toMatchObject({
        status: 200,
        body: { found: false, user: null },
      });
    },
  };
  const { run, expectNobody } = life;

  beforeAll(async () => {
    life.served = await start();
  });
  afterAll(() => life.served?.[Symbol.asyncDispose]());

  test('signup', async () => {
    const reply = await run('signup', {
      user: { ...ann, ...names, password, user_metadata, app_metadata: { plan: 'gold' } },
    });
    expect(reply).toMatchObject({ status: 201 });
    expect(reply.body.user).toMatchObject({
      ...ann,
      ...names,
      email: stored(ann.email),
      email_verified: false,
      user_metadata,
      app_metadata: { plan: 'gold' },
    });
    expect(reply.text).not.toMatch(/\$2b\$|password_hash/);
    expect((await life.served.dump?.()) ?? '').not.toContain(JSON.stringify(password).slice(1, -1));
    life.annId = reply.body.user.user_id;
    expect(life.annId).toEqual(expect.any(String));

    const second = await run('signup', { user: { ...john, password } });
    expect(second).toMatchObject({ status: 201 });
    life.johnId = second.body.user.user_id;
    expect(life.johnId).not.toBe(life.annId);
  });

  test.each([ann.email, ann.email.toLowerCase(), ann.username, ann.phone_number])(
    'login with %s',
    async (identifier) => {
      const reply = await run('login', { identifier, password });
      expect(reply).toMatchObject({ status: 200, body: { user: { user_id: life.annId, ...names } } });
    },
  );

  test('a wrong password is fp, an unknown user fu', async () => {
    const refusal = { code: 'wrong_username_or_password' };
    for (const wrong of ['not it', `${password} `, password.toUpperCase(), ' '])
      expect(await run('login', { identifier: 'ann', password: wrong })).toMatchObject({
        status: 401,
        body: { ...refusal, log_code: 'fp' },
      });
    for (const identifier of ['eve', 'eve@example.com', '+15550000'])
      expect(await run('login', { identifier, password })).toMatchObject({
        status: 401,
        body: { ...refusal, log_code: 'fu' },
      });
  });

  test.each([
    [ann.email, 'email'],
    [ann.email.toUpperCase(), 'email'],
    [ann.username, 'username'],
    [ann.phone_number, 'phone_number'],
  ])('get-user by identifier %s', async (identifier, identifier_type) => {
    for (const body of [{ identifier }, { identifier, identifier_type }])
      expect(await run('get-user', body)).toMatchObject({
        status: 200,
        body: { found: true, user: { user_id: life.annId, user_metadata } },
      });
  });

  test('get-user by user_id, which an identifier is never taken for', async () => {
    const found = await run('get-user', { user_id: life.annId });
    expect(found).toMatchObject({ status: 200, body: { found: true, user: { username: 'ann' } } });
    for (const user_id of [ann.username, ann.email, ann.phone_number, `${life.annId}0`])
      await expectNobody({ user_id });
    await expectNobody({ identifier: life.annId });
  });

  test('a taken identifier is user_exists', async () => {
    for (const taken of [
      { email: ann.email },
      { email: ann.email.toUpperCase() },
      { username: ann.username },
      { phone_number: ann.phone_number },
    ]) {
      const user = { email: 'other@example.com', username: 'other', ...taken, password };
      for (const call of ['create', 'signup'])
        expect(await run(call, { user })).toMatchObject({ status: 409, body: { code: 'user_exists' } });
    }
    await expectNobody({ identifier: 'other' });
    const changes: [call: string, body: object][] = [
      ['change-email', { email: john.email, new_email: ann.email.toLowerCase(), verified: true }],
      [
        'change-phone-number',
        { phone_number: john.phone_number, new_phone_number: ann.phone_number, verified: true },
      ],
    ];
    if (!traits.fixedUsername)
      changes.push(['change-username', { username: 'john', new_username: ann.username }]);
    for (const [call, body] of changes)
      expect(await run(call, body)).toMatchObject({ status: 409, body: { code: 'user_exists' } });
    expect((await run('get-user', { user_id: life.johnId })).body.user).toMatchObject(john);
  });

  test('change-password', async () => {
    const changed = await run('change-password', { identifier: 'ann', new_password: `${password}2` });
    expect(changed).toMatchObject({ status: 200, body: { changed: true } });
    expect(await run('login', { identifier: 'ann', password })).toMatchObject({ status: 401 });
    expect(await run('login', { identifier: 'ann', password: `${password}2` })).toMatchObject({
      status: 200,
    });
    expect(await run('login', { identifier: 'john', password })).toMatchObject({ status: 200 });
    const nobody = await run('change-password', { identifier: 'eve', new_password: password });
    expect(nobody).toMatchObject({ status: 200, body: { changed: false } });
  });

  test('verify', async () => {
    expect(await run('verify', { email: ann.email })).toMatchObject({
      status: 200,
      body: { verified: true },
    });
    expect((await run('get-user', { user_id: life.annId })).body.user.email_verified).toBe(true);
    expect((await run('get-user', { user_id: life.johnId })).body.user.email_verified).toBe(false);
    expect(await run('verify', { email: 'eve@example.com' })).toMatchObject({
      status: 502,
      body: { code: 'script_error' },
    });
  });

  test('change-email, and whether it is verified', async () => {
    const change = { email: ann.email, new_email: 'ann@example.org', verified: false };
    expect(await run('change-email', change)).toMatchObject({ status: 200, body: { changed: true } });
    const verified = { email: 'ann@example.org', new_email: 'ann@example.org', verified: true };
    for (const email_verified of [false, true]) {
      const byNew = await run('get-user', { identifier: 'ann@example.org' });
      expect(byNew.body).toMatchObject({
        user: { user_id: life.annId, email: 'ann@example.org', email_verified },
      });
      expect(await run('change-email', verified)).toMatchObject({ body: { changed: true } });
    }
    await expectNobody({ identifier: ann.email });
    expect(await run('change-email', change)).toMatchObject({ status: 200, body: { changed: false } });
  });

  test('change-phone-number', async () => {
    const change = {
      phone_number: ann.phone_number,
      new_phone_number: '+15550124',
      verified: true,
    };
    expect(await run('change-phone-number', change)).toMatchObject({ body: { changed: true } });
    expect((await run('get-user', { identifier: '+15550124' })).body).toMatchObject({
      user: { user_id: life.annId, phone_number: '+15550124', phone_verified: true },
    });
    expect(await run('change-phone-number', change)).toMatchObject({ body: { changed: false } });
  });

  test(traits.fixedUsername ? 'change-username says that it cannot' : 'change-username', async () => {
    const change = { username: 'ann', new_username: "o'anna" };
    if (traits.fixedUsername) {
      expect(await run('change-username', change)).toMatchObject({
        status: 422,
        body: { code: 'script_rejected', script_code: traits.fixedUsername },
      });
      return;
    }
    expect(await run('change-username', change)).toMatchObject({ body: { changed: true } });
    expect((await run('get-user', { identifier: "o'anna" })).body).toMatchObject({
      user: { user_id: life.annId, username: "o'anna" },
    });
    expect(await run('change-username', change)).toMatchObject({ body: { changed: false } });
    const back = { username: "o'anna", new_username: 'ann' };
    expect(await run('change-username', back)).toMatchObject({ body: { changed: true } });
  });

  test('a change finds nobody by another kind of identifier', async () => {
    expect(await run('verify', { email: 'ann' })).toMatchObject({ body: { code: 'script_error' } });
    const changes: [call: string, body: object][] = [
      ['change-email', { email: 'ann', new_email: 'a@example.com', verified: true }],
      ['change-phone-number', { phone_number: 'ann', new_phone_number: '+15550177', verified: true }],
    ];
    if (!traits.fixedUsername)
      changes.push(['change-username', { username: 'ann@example.org', new_username: 'anna' }]);
    for (const [call, body] of changes)
      expect(await run(call, body)).toMatchObject({ status: 200, body: { changed: false } });
  });

  test('a passkey signup has no password, and no password opens the account until one is set', async () => {
    const user = { email: 'pat@example.com', name: 'Pat', ...passkeyCeremony };
    const reply = await run('signup', { user, method: 'passkey' });
    expect(reply).toMatchObject({ status: 201, body: { user: { email: 'pat@example.com', name: 'Pat' } } });
    expect(reply.text).not.toMatch(/credential-id|the-challenge|the-handle|webauthn/);
    expect((await life.served.dump?.()) ?? '').not.toMatch(/credential-id|the-challenge|the-handle|webauthn/);
    const { user_id } = reply.body.user;
    for (const guess of [password, ' ', 'null', 'undefined'])
      expect(await run('login', { identifier: 'pat@example.com', password: guess })).toMatchObject({
        status: 401,
        body: { log_code: 'fp' },
      });
    await run('change-password', { identifier: 'pat@example.com', new_password: password });
    expect(await run('login', { identifier: 'pat@example.com', password })).toMatchObject({
      status: 200,
      body: { user: { user_id } },
    });
    expect(await run('delete', { user_id })).toMatchObject({ status: 204 });
  });

  describeHostileIdentifiers(life);

  test('nothing was warned of', async () => {
    expect(await life.served.warnings()).toEqual([]);
  });

  describeOutage(life);

  test('delete, and nobody is found any more', async () => {
    for (let time = 0; time < 2; time++)
      expect(await run('delete', { user_id: life.annId })).toMatchObject({ status: 204, text: '' });
    for (const body of [{ user_id: life.annId }, { identifier: 'ann@example.org' }, { identifier: 'ann' }])
      await expectNobody(body);
    const login = await run('login', { identifier: 'ann', password: `${password}2` });
    expect(login).toMatchObject({ status: 401, body: { log_code: 'fu' } });
    expect((await run('get-user', { user_id: life.johnId })).body).toMatchObject({ found: true });
  });
}
