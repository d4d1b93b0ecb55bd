import { expect, it } from 'vitest';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Outcome } from '../../sandbox/contract/outcome.ts';
import { ServiceError } from '../../src/errors.ts';
import { createRunner } from '../../src/runner/create-runner.ts';
import { createFakeConnection, createFakePool, returned } from './fake-pool.ts';

const crashed: Outcome = { kind: 'crashed' };
const overloaded: Outcome = { kind: 'overloaded', retryAfterS: 1 };
const notFound = returned(null);
const user = { email: 'ann@example.com', password: 'a-password' };

async function writeBegun(scripts: Partial<Record<ActionName, Outcome>>, call: 'create' | 'signup') {
  const { pool } = createFakePool(scripts);
  const runner = createRunner({ pool, tenant: 'default', scriptTimeoutMs: 1_000 });
  const connection = createFakeConnection();
  const run =
    call === 'signup' ? runner.signup(connection, { user }) : runner.run(connection, 'create', { user });
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ServiceError)) throw new Error('It did not fail');
  return error.details.writeBegun ?? false;
}

it.each([
  ['create', { create: crashed }, true],
  ['create', { create: overloaded }, false],
  ['signup', { get_user: crashed }, false],
  ['signup', { get_user: notFound, create: overloaded }, false],
  ['signup', { get_user: notFound, create: crashed }, true],
  [
    'signup',
    { get_user: notFound, create: returned({ user_id: '1', ...user, password: undefined }), login: crashed },
    true,
  ],
] as const)('%s with %j: a write had begun: %s', async (call, scripts, begun) => {
  expect(await writeBegun(scripts, call)).toBe(begun);
});
