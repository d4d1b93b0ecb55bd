import { expect, it, vi } from 'vitest';
import { identified, stepLeft } from '../../../src/auth-server/login/next-step.ts';
import type { Extension, Visit } from '../../../src/auth-server/parts.ts';

const john = { user_id: '42' };

function visitWith(extension: Extension) {
  const interactionFinished = vi.fn();
  const res = { redirect: vi.fn() };
  const visit = {
    parts: {
      extensions: [extension],
      logins: { end: vi.fn() },
      events: { emit: vi.fn() },
      settings: { bridge: { connection: 'acme' } },
    },
    domain: { host: 'localhost', provider: { interactionFinished } },
    login: { uid: 'u' },
    path: '/login/u',
    connection: {},
    req: { headers: {} },
    res,
  } as unknown as Visit;
  return { visit, res, interactionFinished };
}

it('sends the user to what an extension demands before anything else', async () => {
  const { visit, res } = visitWith({ stepLeft: () => '/second-factor' });
  await identified(visit, john, { name: 'phr' });
  expect(visit.login.proven?.user).toEqual(john);
  expect(res.redirect).toHaveBeenCalledExactlyOnceWith(303, '/login/u/second-factor');
});

it('leaves no step, and so no passkey to make, to somebody who is not let in', async () => {
  const { visit, interactionFinished } = visitWith({
    admit: async () => ({
      code: 'access_denied',
      message: 'not at this hour',
      status: 403,
      isForApplication: true,
    }),
    stepLeft: () => '/second-factor',
  });
  await identified(visit, john, { name: 'phr' });
  expect(stepLeft(visit)).toBeUndefined();
  expect(visit.login).toEqual({ uid: 'u' });
  expect(visit.parts.logins.end).toHaveBeenCalledExactlyOnceWith('u');
  const answer = { error: 'access_denied', error_description: 'not at this hour' };
  expect(interactionFinished).toHaveBeenCalledExactlyOnceWith(visit.req, visit.res, answer);
});
