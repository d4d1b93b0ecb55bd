import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { Files } from '../service/running-service.ts';

/** What the data files of test/hostile/families are made of. */

export interface Attack {
  /** What the script tries, in a few words; unlike any other of its family. */
  name: string;
  /** `login` unless said otherwise: a get_user whose process dies under it is run a second time. */
  action?: Extract<ActionName, 'login' | 'get_user' | 'create'>;
  /** The source of the action's script; the functions below write those that need nothing but a body. */
  script: string;
  expect: Expected;
  /** From the request to the answer. The limits of a script and half a second unless said otherwise. */
  withinMs?: number;
}

export interface Expected {
  /** The code of the problem; `ok`: the profile is `user`. */
  code: ErrorCode | 'ok';
  /** That of the table of codes unless said otherwise. */
  status?: number;
  detail?: string | RegExp;
  /** Exactly what is answered as `user`. `{ user_id: '1' }` unless said otherwise. */
  user?: Record<string, unknown>;
}

export interface Family {
  name: string;
  attacks: readonly Attack[];
  /** Started before the service is, so that scripts may be allowed to reach them. */
  servers?(): Promise<FamilyServers>;
}

export interface FamilyServers extends AsyncDisposable {
  /** `127.0.0.1:port` of those that scripts may reach. */
  allow: readonly string[];
  /** The `configuration` of the family's connections. */
  configuration: Record<string, string>;
  /** Throws when something was reached that is out of bounds; asked after each attack. */
  check?(): void;
  /** Further connections that the family's scripts aim at. */
  files?: Files;
}

/** A login script of this body; what it is called with are `identifier`, `password`, `callback`. */
export const login = (body: string) =>
  `function login(identifier, password, context, callback) {\n${body}\n}`;

/** A login that answers `{ user_id: '1' }` when `body`, which says `escaped = …`, has left `escaped` falsy. */
export const loginUnless = (body: string) =>
  login(`let escaped;
${body}
callback(null, { user_id: escaped ? 'escaped: ' + String(escaped) : '1' });`);

/** The same in an async function. */
export const loginUnlessAsync = (body: string) =>
  `async ${login(`let escaped;
${body}
callback(null, { user_id: escaped ? 'escaped: ' + String(escaped) : '1' });`)}`;

export const ok: Expected = { code: 'ok' };
export const timeout: Expected = { code: 'script_timeout' };
export const outOfMemory: Expected = { code: 'script_out_of_memory' };
