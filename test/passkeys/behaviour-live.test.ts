import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Live, openLive } from '../../src/cli/check/open-live.ts';
import type { Connection } from '../../src/connections/connection.ts';
import { type RunningUserStore, startUserStore } from '../../src/demo/start-user-store.ts';
import { behaviourCodes } from '../../src/passkeys/behaviour/behaviour-codes.ts';
import { judgeBehaviour } from '../../src/passkeys/behaviour/judge-behaviour.ts';
import { observeLive, type TestUsers } from '../../src/passkeys/behaviour/observe-live.ts';
import { locateGuestBuild } from '../../src/pool/guest-build.ts';
import { faultyRoot, openConnections, plantedIn } from './open-faulty.ts';

let store: RunningUserStore;
let live: Live;
let connections: readonly Connection[] = [];
beforeAll(async () => {
  store = await startUserStore();
  const { directory: guestDirectory } = await locateGuestBuild();
  live = openLive({ guestDirectory, tenant: 'test', egressAllow: [store.address] });
  connections = await openConnections(faultyRoot, {
    USER_STORE_URL: store.url,
    USER_STORE_TOKEN: store.credentials.token,
  });
});
afterAll(async () => {
  await live?.[Symbol.asyncDispose]();
  await store?.close();
});

const users: TestUsers = {
  identifier: 'jane@example.com',
  password: 'janes-demo-password',
  unknownIdentifier: 'nobody@example.com',
};

async function observe(name: string, of: TestUsers, options?: { enoughMs: number }) {
  const connection = connections.find((each) => each.name === name)!;
  using scripts = live.scriptsOf(connection);
  const { observations, notes } = await observeLive(scripts, of, options);
  return {
    verdicts: judgeBehaviour(observations, { from: 'live', budgetMs: 10_000, signupDisabled: false }),
    notes,
  };
}

const failedIn = (verdicts: Awaited<ReturnType<typeof observe>>['verdicts']) =>
  Object.entries(verdicts).flatMap(([code, { status }]) => (status === 'failed' ? [code] : []));

/** What the same fault shows beside it. */
const alsoShown: Record<string, string[]> = {
  created_user_not_found: ['create_returns_other_profile'],
  user_id_lookup_fails: ['created_user_not_found'],
};

/** Each is seen in a way that only test users go; what the others show, fixtures show as well. */
const seenLive = [
  'callback-more-than-once',
  'created-user-not-found',
  'login-and-get-user-disagree',
  'not-found-reported-as-error',
  'outage-reported-as-not-found',
  'second-signup-not-refused',
  'user-id-lookup-fails',
];

test.each(seenLive)('%s has its fault', async (name) => {
  const code = plantedIn(name)!;
  const createIdentifier = `${name}@example.com`;
  // No fault but `slow` needs the look-ups that are made for their time.
  const { verdicts } = await observe(name, { ...users, createIdentifier }, { enoughMs: 0 });
  expect(failedIn(verdicts).sort()).toEqual([code, ...(alsoShown[code] ?? [])].sort());
});

test('everything passes where nothing is wrong, and the user that was created is gone again', async () => {
  const createIdentifier = 'fresh@example.com';
  const { verdicts, notes } = await observe('local-enrollment-off', { ...users, createIdentifier });
  expect(Object.values(verdicts).map(({ status }) => status)).toEqual(
    Object.keys(behaviourCodes).map(() => 'passed'),
  );
  expect(notes).toEqual([]);
  const again = await observe('local-enrollment-off', { ...users, createIdentifier });
  expect(failedIn(again.verdicts)).toEqual([]);
});

test('nobody is created where somebody has the identifier', async () => {
  const { verdicts, notes } = await observe('local-enrollment-off', {
    unknownIdentifier: users.unknownIdentifier,
    createIdentifier: 'john@example.com',
  });
  expect(notes).toEqual(['Nobody was created for john@example.com: somebody has that identifier.']);
  expect(verdicts.passkey_signup_fails).toMatchObject({ status: 'unknown' });
});
