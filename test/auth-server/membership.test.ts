import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginOverHttp } from './support/form-client.ts';
import { inviteOverHttp } from './support/over-http.ts';
import { clientId, type Stack, startStack } from './support/start-stack.ts';

const organization = 'org_north';

describe('an organization', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
    await stack.restart({
      organizations: [
        { id: organization, name: 'north' },
        { id: 'org_fair', name: 'fair', membership: 'everybody' },
      ],
      clients: [
        {
          client_id: clientId,
          client_name: 'The application',
          redirect_uris: [stack.app.redirectUri],
          initiate_login_uri: `${stack.app.origin}/login`,
        },
      ],
    });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  /** Where the login ends. */
  async function logIn(identifier: string, password: string, params: Record<string, string>) {
    const client = await beginOverHttp(stack, params);
    await client.get(client.path);
    await client.post('/identifier', { identifier });
    return client.follow(await client.post('/password', { password }));
  }
  const asJane = (params: Record<string, string>) => logIn('jane@example.com', 'janes-demo-password', params);

  it('lets nobody in whom nobody has invited, nor sign up', async () => {
    const answer = await asJane({ organization });
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('organization_not_member')]);
    expect(stack.app.last().claims).toBeUndefined();

    const client = await beginOverHttp(stack, { organization, screen_hint: 'signup' });
    for (const closed of [
      await client.get(`${client.path}/signup`),
      await client.post('/signup', { identifier: 'eve@example.com' }),
    ])
      expect([closed.status, closed.text]).toEqual([403, expect.stringContaining('takes an invitation')]);
  });

  it('has whoever came by an invitation as a member from then on', async () => {
    const asJohn = (params: Record<string, string>) =>
      logIn('john@example.com', 'johns-demo-password', params);
    expect(await asJohn({ organization })).toMatchObject({ status: 403 });
    await asJohn(await inviteOverHttp(stack, 'JOHN@example.com', organization));
    expect(stack.app.last().claims).toMatchObject({ sub: '43', org_id: organization });
    await asJohn({ organization });
    expect(stack.app.last().claims).toMatchObject({ sub: '43', org_id: organization });
    expect(await asJane({ organization })).toMatchObject({ status: 403 });
  });

  it('lets everybody in where its settings say so', async () => {
    await asJane({ organization: 'org_fair' });
    expect(stack.app.last().claims).toMatchObject({ sub: '42', org_id: 'org_fair' });
  });
});
