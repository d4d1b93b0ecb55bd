import { expect, test } from 'vitest';
import { password, type Reply } from '../service/running-service.ts';
import type { Life } from './served-template.ts';

/** Connections that die, a store that is away, a store that is back. */
export function describeOutage(life: Life): void {
  const { run, expectNobody } = life;

  test('connections that the store has closed meanwhile are replaced', async () => {
    for (const body of [{ identifier: 'ann' }, { user_id: life.annId }]) {
      await life.served.breakStore();
      await life.served.mendStore();
      expect(await run('get-user', body)).toMatchObject({
        status: 200,
        body: { found: true, user: { user_id: life.annId } },
      });
    }
  });

  test('while the store is out of order, every call is an error and none is "not found"', async () => {
    const calls: [call: string, body: object][] = [
      ['get-user', { identifier: 'ann' }],
      ['get-user', { user_id: life.annId }],
      ['login', { identifier: 'ann', password }],
      ['create', { user: { email: 'new@example.com', password } }],
      ['signup', { user: { email: 'new@example.com', password } }],
      ['verify', { email: 'ann@example.org' }],
      ['change-password', { identifier: 'ann', new_password: password }],
      ['change-email', { email: 'ann@example.org', new_email: 'a@example.com', verified: true }],
      ['change-phone-number', { phone_number: '+15550124', new_phone_number: '+15550125', verified: true }],
      ['delete', { user_id: life.annId }],
    ];
    if (!life.traits.fixedUsername)
      calls.push(['change-username', { username: 'ann', new_username: 'anna' }]);

    await life.served.breakStore();
    const replies: Reply[] = [];
    // Some drivers take seconds to give up, and each context that waits for one has a driver of its own in memory.
    while (calls.length > 0)
      replies.push(...(await Promise.all(calls.splice(0, 4).map(([call, body]) => run(call, body)))));
    await life.served.mendStore();
    for (const reply of replies) {
      expect(reply).toMatchObject({ status: 502, body: { code: 'script_error' } });
      expect(reply.body.detail).toMatch(/^The \w+( \w+)* failed: \w/);
      expect(reply.body.detail).not.toMatch(/undefined|TypeError|ReferenceError/);
    }
  });

  test('a store that says nothing is an error before the deadline', async () => {
    life.served.muteStore();
    // Side by side: one has a connection from before, the other makes one.
    const lookups = [{ identifier: 'ann' }, { user_id: life.annId }];
    const replies = await Promise.all(lookups.map((body) => run('get-user', body)));
    await life.served.breakStore();
    await life.served.mendStore();
    for (const reply of replies) expect(reply).toMatchObject({ status: 502, body: { code: 'script_error' } });
  });

  test('the store is back, and so are the users', async () => {
    expect(await run('get-user', { identifier: 'ann' })).toMatchObject({
      status: 200,
      body: { user: { user_id: life.annId } },
    });
    await expectNobody({ identifier: 'new@example.com' });
    expect(await run('login', { identifier: 'john', password })).toMatchObject({ status: 200 });
  });
}
