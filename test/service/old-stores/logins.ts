import { expect } from 'vitest';
import type { RunningService } from '../running-service.ts';
import { type OldStore, serveConnections } from './old-store.ts';

/** A way to log in to a store: what a script does, and what comes of it. */
export interface Login {
  name: string;
  /** The body of a Get User that ends with `callback(error, nameOfTheSession)`. */
  script: string;
  /** The session's name, where the login succeeds. */
  session?: string;
  /** What the answer says, where it fails. */
  failure?: string | RegExp;
}

/** One service with a connection for each login; the case's name without what a connection's may not have. */
export function serveLogins(
  logins: readonly Login[],
  store: Pick<OldStore, 'configuration' | 'egress'>,
): Promise<RunningService> {
  const connections = logins.map(({ name, script }) => [
    connectionOf(name),
    {
      get_user: `function getByEmail(email, context, done) {
  const callback = (err, session) => err ? done(err) : done(null, { user_id: '7', email, nickname: String(session) });
${script}
}`,
    },
  ]);
  return serveConnections(Object.fromEntries(connections), store);
}

const connectionOf = (name: string) => name.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '');

export async function expectLogin(service: RunningService, { name, session, failure }: Login): Promise<void> {
  const identifier = 'jane@example.com';
  const reply = await service.run(connectionOf(name), 'get-user', { identifier });
  if (failure === undefined) {
    expect(reply).toMatchObject({ status: 200, body: { user: { nickname: session } } });
    return;
  }
  expect(reply).toMatchObject({ status: 502, body: { code: 'script_error' } });
  if (typeof failure === 'string') expect(reply.body.detail).toBe(failure);
  else expect(reply.body.detail).toMatch(failure);
  expect(reply.body.stack?.[0] ?? '').not.toContain('drawbridge:');
}
