import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createAuthServer } from '../../src/auth-server/create-auth-server.ts';
import { allExtensions } from '../../src/auth-server/extensions/all-extensions.ts';
import { localFetch } from './support/local-fetch.ts';
import { freePort } from './support/start-stack.ts';

it('tells of wrong passwords of the panel, five at most, without a word of them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-auth-'));
  const adminPassword = 'admin-password-of-the-tests';
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const authServer = createAuthServer({
    settings: {
      bridge: { url: 'http://127.0.0.1:9', connection: 'acme' },
      databaseFile: join(folder, 'auth.db'),
      domains: [{ origin }],
      clients: [],
    },
    extend: allExtensions({ adminPassword }),
  });
  await authServer.listen(port);
  const guess = async (more: object) => (await localFetch(`${origin}/v1/events`, { headers: more })).status;
  const form = { method: 'POST', body: new URLSearchParams({ password: 'a-guess' }) };
  const typed = await localFetch(`${origin}/admin/login`, { ...form, headers: { 'user-agent': 'guesser' } });
  expect(typed.status).toBe(422);
  for (let tries = 0; tries < 4; tries += 1)
    expect(await guess({ authorization: 'Bearer a-guess' })).toBe(401);
  expect(await guess({ authorization: 'Bearer a-guess' })).toBe(429);
  expect(await guess({})).toBe(401);

  const elsewhere = { authorization: `Bearer ${adminPassword}`, 'x-forwarded-for': '192.0.2.1' };
  const answer = await localFetch(`${origin}/v1/events`, { headers: elsewhere });
  const text = await answer.text();
  expect(text).not.toContain('a-guess');
  const { events } = JSON.parse(text);
  expect(events).toHaveLength(5);
  expect(events.at(-1)).toMatchObject({
    type: 'f',
    user_agent: 'guesser',
    details: { error: { code: 'admin_password_wrong' } },
  });
  await authServer.close();
  rmSync(folder, { recursive: true });
});
