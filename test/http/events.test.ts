import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ServiceError } from '../../src/errors.ts';
import { eventTypes } from '../../src/events/event-types.ts';
import { defaultScopes, type Scope } from '../../src/keys/api-key.ts';
import type { Principal } from '../../src/keys/key-ring.ts';
import { fakeRunner, jane, startApp } from './fake-parts.ts';

const answer = () => ({ user: jane });
const principal = (scopes: readonly Scope[]): Principal => ({
  keyId: 'test',
  tenant: 'default',
  scopes: new Set(scopes),
});
const keysWith = (scopes: readonly Scope[]) => ({
  open: false,
  count: () => 1,
  authenticate: () => principal(scopes),
});

test('events need a scope of their own, which no key has unless it was named', async () => {
  await using without = await startApp(answer, { keys: keysWith(defaultScopes) });
  const refused = await without.call('/v1/events');
  expect(refused.status).toBe(403);
  expect((await refused.json()).detail).toBe('The API key lacks the scope read:events');
  await using having = await startApp(answer, { keys: keysWith(['read:events']) });
  expect((await having.call('/v1/events')).status).toBe(200);
});

test('the events of calls are answered without a place in any cache', async () => {
  await using app = await startApp(answer);
  await app.post('/v1/connections/acme/login', { identifier: 'jane@example.com', password: 'x' });
  const response = await app.call('/v1/events');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const { events } = await response.json();
  expect(events).toMatchObject([{ type: 's', user_id: '1', execution_id: app.ran[0]?.executionId }]);
});

test('a call that is refused at the door for want of room is an event', async () => {
  const { runner } = fakeRunner(answer);
  const refusal = () => new ServiceError('overloaded', { detail: 'too much' });
  await using app = await startApp(answer, { runner: { ...runner, refusal } });
  const response = await app.post('/v1/connections/acme/login', { identifier: 'a', password: 'b' });
  expect(response.status).toBe(503);
  const { events } = await (await app.call('/v1/events')).json();
  expect(events).toMatchObject([
    {
      type: 'f',
      connection: 'acme',
      execution_id: response.headers.get('x-execution-id'),
      details: { error: { code: 'overloaded' } },
    },
  ]);
});

test('docs/http-api.md names codes that there are', () => {
  const page = readFileSync(new URL('../../docs/http-api.md', import.meta.url), 'utf8');
  const section = page.split('## Events')[1]!.split('\n## ')[0]!;
  const table = section.split('| code | when |')[1]!.split('\n\n')[0]!;
  const named = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, code]) => code),
  );
  expect(named.length).toBe(18);
  for (const code of named) expect(eventTypes).toHaveProperty(String(code));
});
