import { badUpstreams, changingConnection, goodConnections, hostileScripts } from './connections.ts';
import type { Random } from './random.ts';
import { goodPassword, userOf } from './user-store.ts';

/** Whose traffic it is: what may be answered depends on it. */
export type Party = 'steady' | 'guess' | 'bad-upstream' | 'hostile';

export interface Call {
  party: Party;
  connection: string;
  action: 'get-user' | 'login' | 'create';
  body: object;
  headers: Readonly<Record<string, string>>;
  /** Who has to come back when the call goes well. */
  user?: { user_id: string; email: string };
  /** Of a create: the address, by which the store counts. */
  creates?: string;
  /** The same request is sent at once on another socket as well, or again after this one. */
  repeat?: 'at-once' | 'after';
}

const steadyConnections = [...goodConnections, changingConnection];
const lookUpCodes = ['ok', 'overloaded', 'sandbox_crashed', 'script_timeout'];

/** `ok` and the error codes that each party may be answered with; any other is wrong, however well documented. */
export const expectedCodes: Readonly<Record<Party, ReadonlySet<string>>> = {
  steady: new Set(lookUpCodes),
  guess: new Set([...lookUpCodes.slice(1), 'wrong_username_or_password', 'too_many_attempts']),
  'bad-upstream': new Set([
    ...lookUpCodes.slice(1),
    'script_error',
    'invalid_profile',
    'connection_quarantined',
  ]),
  hostile: new Set([
    ...lookUpCodes,
    'script_error',
    'script_out_of_memory',
    'script_no_callback',
    'result_too_large',
    'invalid_profile',
    'connection_quarantined',
  ]),
};

/** What the steady sockets send, one call after the other. */
export function steadyCall(random: Random, name: string): Call {
  const connection = random.pick(steadyConnections);
  const chance = random.next();
  if (chance < 0.65) return lookUp('steady', connection, `user-${random.between(1, 500)}@example.com`);
  if (chance < 0.85) return login(connection, `user-${random.between(1, 500)}@example.com`, goodPassword);
  if (chance < 0.9)
    return { ...login(connection, `guessed-${random.between(1, 3)}@example.com`, 'wrong'), party: 'guess' };
  return create(connection, `${name}@example.com`, random);
}

export function badUpstreamCall(random: Random): Call {
  return withoutUser(lookUp('bad-upstream', `upstream-${random.pick(badUpstreams)}`, 'user@example.com'));
}

export function hostileCall(random: Random): Call {
  return withoutUser(
    lookUp('hostile', `hostile-${random.pick(Object.keys(hostileScripts))}`, 'user@example.com'),
  );
}

function lookUp(party: Party, connection: string, identifier: string): Call {
  const user = userOf(connection, identifier);
  return { party, connection, action: 'get-user', body: { identifier }, headers: {}, user };
}

function withoutUser({ user: _user, ...call }: Call): Call {
  return call;
}

function login(connection: string, identifier: string, password: string): Call {
  const user = userOf(connection, identifier);
  return { party: 'steady', connection, action: 'login', body: { identifier, password }, headers: {}, user };
}

function create(connection: string, email: string, random: Random): Call {
  const chance = random.next();
  return {
    party: 'steady',
    connection,
    action: 'create',
    body: { user: { email, password: goodPassword } },
    headers: { 'Idempotency-Key': email },
    user: userOf(connection, email),
    creates: email,
    ...(chance < 0.3 ? { repeat: 'at-once' } : chance < 0.6 ? { repeat: 'after' } : {}),
  };
}
