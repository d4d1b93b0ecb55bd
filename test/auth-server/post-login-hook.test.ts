import { describe, expect, it } from 'vitest';
import {
  type PostLoginEvent,
  runPostLoginHook,
} from '../../src/auth-server/extensions/post-login/post-login-hook.ts';

const event: PostLoginEvent = {
  authentication: { methods: [{ name: 'passkey', timestamp: '2026-01-01T00:00:00.000Z' }] },
  user: { user_id: '42' },
  client: { client_id: 'app', name: 'The application' },
  connection: { name: 'acme', strategy: 'auth0' },
  request: { ip: '127.0.0.1', user_agent: undefined, hostname: 'localhost' },
};

describe('the post-login hook', () => {
  it('leaves everything as it is when it does nothing', async () => {
    expect(await runPostLoginHook(async () => {}, event)).toEqual({});
    expect(await runPostLoginHook(() => {}, event)).toEqual({});
  });

  it('demands a second factor, waives it, denies access', async () => {
    const any = await runPostLoginHook((_event, api) => api.multifactor.enable('any'), event);
    expect(any).toEqual({ multifactor: 'any' });
    const waived = await runPostLoginHook(async ({ authentication }, api) => {
      if (authentication.methods.some(({ name }) => name === 'passkey')) api.multifactor.enable('none');
    }, event);
    expect(waived).toEqual({ multifactor: 'none' });
    const denied = await runPostLoginHook((_event, api) => api.access.deny('not on Sundays'), event);
    expect(denied).toEqual({ denied: 'not on Sundays' });
  });

  it('fails when it throws, at once or later, or asks for what there is not', async () => {
    const throws = () => {
      throw new Error('broken');
    };
    await expect(runPostLoginHook(throws, event)).rejects.toThrow('broken');
    await expect(runPostLoginHook(async () => throws(), event)).rejects.toThrow('broken');
    const wrong = runPostLoginHook((_event, api) => api.multifactor.enable('duo' as 'any'), event);
    await expect(wrong).rejects.toThrow("takes 'any' or 'none', not duo");
  });

  it('fails when it takes too long', async () => {
    await expect(runPostLoginHook(() => new Promise(() => {}), event, 5)).rejects.toThrow('more than 5 ms');
  });
});
