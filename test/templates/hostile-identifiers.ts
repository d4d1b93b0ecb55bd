import { expect, test } from 'vitest';
import { password } from '../service/running-service.ts';
import type { Life } from './served-template.ts';

const hostile = [
  "' or 1=1 --",
  "'; drop table users; --",
  '" or ""="',
  '{"$gt":""}',
  '*)(uid=*',
  '*',
  '\\',
  '%',
  "x' or 'a'='a@example.com",
  '*@*',
  'ann"@example.com',
  '+*',
  'Zoë 😀',
];

/** What would be more than a value to a store that took it for a part of a query. */
export function describeHostileIdentifiers(life: Life): void {
  const { run, expectNobody } = life;

  test.each(hostile)('%s is nobody', async (value) => {
    await expectNobody({ identifier: value });
    await expectNobody({ user_id: value });
    expect(await run('login', { identifier: value, password })).toMatchObject({
      status: 401,
      body: { log_code: 'fu' },
    });
    expect(await run('change-password', { identifier: value, new_password: 'x'.repeat(20) })).toMatchObject({
      body: { changed: false },
    });
    expect(await run('verify', { email: value })).toMatchObject({ body: { code: 'script_error' } });
    expect(await run('delete', { user_id: value })).toMatchObject({ status: 204 });
    for (const [identifier, user_id] of [
      ['ann', life.annId],
      ['john', life.johnId],
    ])
      expect((await run('get-user', { identifier })).body).toMatchObject({ found: true, user: { user_id } });
  });

  test('and none of these has changed a password of somebody', async () => {
    for (const [identifier, now] of [
      ['ann', `${password}2`],
      ['john', password],
    ])
      expect(await run('login', { identifier, password: now })).toMatchObject({ status: 200 });
  });
}
