import { TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PostLoginHook } from '../../src/auth-server/extensions/post-login/post-login-hook.ts';
import { beginOverHttp, type FormClient } from './support/form-client.ts';
import { asForm, claimsAfter, inviteOverHttp, sendPassword } from './support/over-http.ts';
import { clientId, type Stack, startStack } from './support/start-stack.ts';

const jane = ['jane@example.com', 'janes-demo-password'] as const;
const john = ['john@example.com', 'johns-demo-password'] as const;
const organization = 'org_north';

describe('two users in one login, in two tabs', () => {
  let stack: Stack;
  let hook: PostLoginHook;
  beforeAll(async () => {
    stack = await startStack();
    const client = {
      client_id: clientId,
      client_name: 'The application',
      redirect_uris: [stack.app.redirectUri],
      initiate_login_uri: `${stack.app.origin}/login`,
    };
    await stack.restart({
      onPostLogin: (event, api) => hook(event, api),
      organizations: [{ id: organization, name: 'north' }],
      clients: [client],
    });
  });
  beforeEach(() => {
    hook = () => {};
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  /** A hook that waits for Jane's turn, then does what is asked. */
  function holdJane(take: PostLoginHook) {
    const reached = Promise.withResolvers<void>();
    const letGo = Promise.withResolvers<void>();
    hook = async (event, api) => {
      if (event.user.email !== jane[0]) return;
      reached.resolve();
      await letGo.promise;
      await take(event, api);
    };
    return { reached: reached.promise, letGo: letGo.resolve };
  }
  async function newSecret(client: FormClient): Promise<string> {
    const { text } = await client.get(`${client.path}/second-factor`);
    return /<code>([^<]*)/.exec(text)![1]!.replaceAll(' ', '');
  }

  it('leave what is demanded of one to that one', async () => {
    const { reached, letGo } = holdJane((_event, api) => api.multifactor.enable('any'));
    const client = await beginOverHttp(stack);
    const slow = sendPassword(client, ...jane);
    await reached;
    expect((await sendPassword(client, ...john)).headers.get('location')).toMatch(/\/enroll$/);
    letGo();
    expect((await slow).headers.get('location')).toMatch(/\/second-factor$/);
    for (const answer of [await client.post('/enroll/skip'), await client.post('/enroll', asForm({}))])
      expect(answer.headers.get('location')).toMatch(/\/second-factor$/);

    // Whoever comes last is who logs in, by what they have proven themselves.
    const code = new TOTP({ secret: await newSecret(client) }).generate();
    await sendPassword(client, ...john);
    await client.post('/second-factor', { code });
    const claims = await claimsAfter(stack, client, await client.post('/enroll/skip'));
    expect(claims).toMatchObject({ sub: '43', amr: ['pwd'] });
  });

  it('are shown a key each, and it is no use to the other', async () => {
    hook = (_event, api) => api.multifactor.enable('any');
    const client = await beginOverHttp(stack);
    const secrets: string[] = [];
    for (const [email, password] of [jane, john, jane]) {
      await sendPassword(client, email, password);
      for (const secret of secrets) {
        const answer = await client.post('/second-factor', { code: new TOTP({ secret }).generate() });
        expect(answer.text).toMatch(/That code is wrong|six digits/);
      }
      secrets.push(await newSecret(client));
      expect(await newSecret(client)).toBe(secrets.at(-1));
    }
    expect(new Set(secrets).size).toBe(3);
  });

  it('end together where one is denied', async () => {
    const { reached, letGo } = holdJane((_event, api) => api.access.deny('not at this hour'));
    const client = await beginOverHttp(stack);
    const slow = sendPassword(client, ...jane);
    await reached;
    await sendPassword(client, ...john);
    letGo();
    await slow;
    const json = { accept: 'application/json' };
    for (const path of ['/enroll/skip', '/enroll', '/second-factor'])
      expect((await client.post(path, {}, json)).headers.get('location')).toBe(client.path);
    expect((await client.post('/enroll/options', {}, json)).status).toBe(403);
    const { url } = await client.follow(await client.get(client.path));
    expect(url.searchParams.get('error')).toBe('access_denied');
    expect(client.cookies().map(({ name }) => name)).not.toContain('_session');
  });

  it('use an invitation up once, in however many logins at once', async () => {
    const link = await inviteOverHttp(stack, jane[0], organization);
    const clients = [await beginOverHttp(stack, link), await beginOverHttp(stack, link)];
    await Promise.all(clients.flatMap((each) => [sendPassword(each, ...jane), sendPassword(each, ...jane)]));
    const [first, second] = await Promise.all(clients.map((each) => each.post('/enroll/skip')));
    expect([first!.status, second!.status].sort()).toEqual([303, 400]);
    expect([first!.text, second!.text].join()).toContain('invitation_used');
  });
});
