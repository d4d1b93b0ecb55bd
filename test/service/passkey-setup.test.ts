import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionFiles, type RunningService, startService } from './running-service.ts';
import { type SeenRequest, startUpstream, type Upstream } from './upstream.ts';

/** The two scripts that a passkey setup asks for, as people paste them. */
const getUser = `function getUser(identifierValue, context, callback) {
  const axios = require('axios');
  const type = context.identifierType === 'user_id' ? 'id' : 'identifier';
  const url = \`\${configuration.baseAPIUrl}/get_user/\${identifierValue}?type=\${type}\`;

  axios.get(url)
    .then((response) => {
      const profile = {
        user_id: response.data.id,
        email: response.data.email,
        email_verified: response.data.verified
      };
      callback(null, profile);
    })
    .catch(() => callback(null));
}
`;

const create = (parameters: string) => `function create(${parameters}) {
  const axios = require('axios');

  axios.post(\`\${configuration.baseAPIUrl}/create\`, user)
    .then((response) => {
      const profile = {
        user_id: response.data.id,
        email: response.data.email,
        email_verified: false
      };
      callback(null, profile);
    })
    .catch((error) => callback(new Error(error.message)));
}
`;

interface Stored {
  id: string;
  email: string;
  verified: boolean;
}

let users: Stored[];

function handle({ method, url, body, answer }: SeenRequest): void {
  if (method === 'POST' && url === '/create') {
    const user = { id: `u-${users.length + 1}`, email: JSON.parse(body).email, verified: false };
    users.push(user);
    return answer(201, user);
  }
  const [, value = '', type] = /^\/get_user\/([^?]+)\?type=(\w+)$/.exec(url) ?? [];
  const wanted = decodeURIComponent(value);
  const user = users.find(({ id, email }) => (type === 'id' ? id : email) === wanted);
  return user ? answer(200, user) : answer(404, { error: 'not found' });
}

describe.each([
  ['create(user, callback)', 'user, callback', ['entry_without_context'], 'plain'],
  ['create(user, context, callback)', 'user, context, callback', [], 'context'],
])('get_user with the context object and %s', (_form, parameters, warnings, called) => {
  let upstream: Upstream;
  let service: RunningService;

  beforeAll(async () => {
    users = [{ id: 'u-1', email: 'jane@example.com', verified: true }];
    upstream = await startUpstream(handle);
    service = await startService({
      files: connectionFiles(
        'acme',
        { get_user: getUser, create: create(parameters) },
        {
          enabledDatabaseCustomization: true,
          import_mode: false,
          authentication_methods: { password: { enabled: true }, passkey: { enabled: true } },
          attributes: {
            email: {
              identifier: { active: true },
              profile_required: true,
              signup: { status: 'required', verification: { active: false } },
            },
          },
          configuration: { baseAPIUrl: '@@BASE_API_URL@@' },
        },
      ),
      env: { DRAWBRIDGE_EGRESS_ALLOW: upstream.address, BASE_API_URL: upstream.url },
    });
  });
  afterAll(async () => {
    await service.stop();
    await upstream.close();
  });

  test('a warning at load says when create is called without the context object', async () => {
    const { body } = await service.call('/v1/connections/acme');
    expect(body.scripts.create).toMatchObject({ arguments: called, file: 'acme/create.js' });
    expect(body.scripts.create.warnings.map(({ code }: { code: string }) => code)).toEqual(warnings);
    expect(body.scripts.get_user).toMatchObject({ arguments: 'context', warnings: [] });
    const logged = service.log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
    // This connection has no login, of which it is warned as well.
    const ofScripts = logged.filter((message) => !message.startsWith('passkeys are enabled, but'));
    expect(ofScripts).toEqual(
      warnings.map(() => expect.stringMatching(/create\.js: The entry declares no context object/)),
    );
  });

  test('both lookups return the same user', async () => {
    const byEmail = await service.run('acme', 'get-user', { identifier: 'jane@example.com' });
    const byId = await service.run('acme', 'get-user', { user_id: 'u-1' });
    const user = { user_id: 'u-1', email: 'jane@example.com', email_verified: true };
    expect(byEmail).toMatchObject({ status: 200, body: { found: true, user } });
    expect(byId).toMatchObject({ status: 200, body: { found: true, user } });
    expect(upstream.seen.slice(-2).map(({ url }) => url)).toEqual([
      '/get_user/jane@example.com?type=identifier',
      '/get_user/u-1?type=id',
    ]);
  });

  test('nobody is found by either lookup when the store knows nobody', async () => {
    for (const body of [{ identifier: 'eve@example.com' }, { user_id: 'u-99' }]) {
      const reply = await service.run('acme', 'get-user', body);
      expect(reply).toMatchObject({ status: 200, body: { found: false, user: null } });
    }
  });

  test('a signup with a passkey looks up, creates without a password and proves the new user by its id', async () => {
    const before = upstream.seen.length;
    const reply = await service.run('acme', 'signup', {
      user: { email: 'ann@example.com', user_metadata: { theme: 'dark' } },
      method: 'passkey',
      client_id: 'app-1',
    });
    expect(reply).toMatchObject({
      status: 201,
      body: { user: { user_id: 'u-2', email: 'ann@example.com', email_verified: false } },
    });
    const seen = upstream.seen.slice(before);
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /get_user/ann@example.com?type=identifier',
      'POST /create',
      'GET /get_user/u-2?type=id',
    ]);
    expect(JSON.parse(seen[1]!.body)).toEqual({
      email: 'ann@example.com',
      user_metadata: { theme: 'dark' },
      client_id: 'app-1',
      tenant: 'default',
      connection: 'acme',
    });
  });

  test('a second signup is told that the user exists, and create is not run', async () => {
    const before = upstream.seen.length;
    const reply = await service.run('acme', 'signup', { user: { email: 'ann@example.com' } });
    expect(reply).toMatchObject({ status: 409, body: { code: 'user_exists', script: 'get_user' } });
    expect(upstream.seen.slice(before).map(({ method }) => method)).toEqual(['GET']);
  });
});
