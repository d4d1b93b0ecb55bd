import { randomBytes, randomUUID } from 'node:crypto';
import { type SeenRequest, startUpstream, type Upstream } from '../../service/upstream.ts';

export const tenantApplication = {
  clientId: 'the-client-id',
  clientSecret: 'the-client-secret',
  connection: 'Customers',
};

interface TenantUser extends Record<string, unknown> {
  user_id: string;
  identities: { connection: string; provider: string }[];
}

/** The status and error that a right password of an email address meets. */
export interface Obstacle {
  status: number;
  error: string;
}

export interface FakeAuth0Tenant extends AsyncDisposable {
  upstream: Upstream;
  obstacles: Map<string, Obstacle>;
  /** Puts a user into a connection, and answers the user_id. */
  add(connection: string, fields: Record<string, unknown>, password?: string): string;
  /** How many tokens for the Management API were given out. */
  tokensGiven(): number;
  /** No token that was given out so far is taken any more. */
  revokeTokens(): void;
}

type Answer = [status: number, body?: unknown];

const reasons: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  409: 'Conflict',
};
const problem = (statusCode: number, message: string, errorCode: string): Answer => [
  statusCode,
  { statusCode, error: reasons[statusCode], message, errorCode },
];
const lower = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value);

/**
 * An Auth0 tenant as far as a user store needs it: the token endpoint for two grants, and the users of the Management
 * API, with the errors that the real one was seen or is documented to give. Values are compared as it does: email
 * addresses and usernames in lower case.
 */
export async function startFakeAuth0Tenant(): Promise<FakeAuth0Tenant> {
  const users = new Map<string, TenantUser>();
  const passwords = new Map<string, string>();
  const obstacles = new Map<string, Obstacle>();
  const tokens = new Set<string>();
  let given = 0;
  let origin = '';

  function add(connection: string, fields: Record<string, unknown>, password: string = randomUUID()): string {
    const user_id = `auth0|${randomBytes(12).toString('hex')}`;
    const { email, username, ...rest } = fields;
    const user = { user_id, ...rest, identities: [{ connection, provider: 'auth0' }] };
    users.set(user_id, {
      ...user,
      ...(email ? { email: lower(email) } : {}),
      ...(username ? { username: lower(username) } : {}),
    });
    passwords.set(user_id, password);
    return user_id;
  }

  const inConnection = (connection: unknown) =>
    [...users.values()].filter(({ identities }) => identities.some((one) => one.connection === connection));

  /** The name of the first of these fields that another user of the connection has. */
  function conflict(
    connection: unknown,
    fields: Record<string, unknown>,
    except?: string,
  ): string | undefined {
    return ['email', 'username', 'phone_number'].find(
      (field) =>
        fields[field] !== undefined &&
        inConnection(connection).some(
          (user) => user[field] === lower(fields[field]) && user.user_id !== except,
        ),
    );
  }

  const isWeak = (password: unknown) => typeof password === 'string' && password.length < 8;
  const weak = problem(400, 'PasswordStrengthError: Password is too weak', 'invalid_body');

  function token(body: Record<string, string>): Answer {
    if (
      body.client_id !== tenantApplication.clientId ||
      body.client_secret !== tenantApplication.clientSecret
    )
      return [401, { error: 'access_denied', error_description: 'Unauthorized' }];
    if (body.grant_type === 'client_credentials') {
      if (body.audience !== `${origin}/api/v2/`) return [403, { error: 'access_denied' }];
      given += 1;
      const access_token: string = randomUUID();
      tokens.add(access_token);
      return [200, { access_token, token_type: 'Bearer', expires_in: 86_400 }];
    }
    if (body.grant_type !== 'http://auth0.com/oauth/grant-type/password-realm')
      return [403, { error: 'unauthorized_client' }];
    const wanted = lower(body.username);
    const user = inConnection(body.realm).find((one) =>
      ['email', 'username', 'phone_number'].some((field) => one[field] === wanted),
    );
    if (!user || passwords.get(user.user_id) !== body.password)
      return [403, { error: 'invalid_grant', error_description: 'Wrong email or password.' }];
    const obstacle = obstacles.get(String(user.email));
    if (obstacle) return [obstacle.status, { error: obstacle.error }];
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const id_token = `${part({ alg: 'RS256' })}.${part({ sub: user.user_id })}.signature`;
    return [200, { access_token: 'opaque', id_token, token_type: 'Bearer' }];
  }

  function search(query: URLSearchParams): Answer {
    const pattern = /^(username|phone_number):"((?:[^"\\]|\\["\\])*)"$/;
    const found = pattern.exec(query.get('q') ?? '');
    if (!found || query.get('search_engine') !== 'v3')
      return problem(400, 'Query validation error', 'invalid_query_string');
    const value = found[2]!.replaceAll(/\\(.)/g, '$1');
    return [200, [...users.values()].filter((user) => user[found[1]!] === value)];
  }

  function byEmail(query: URLSearchParams): Answer {
    const email = query.get('email') ?? '';
    if (!/^[\w.+-]+@[\w.-]+$/.test(email))
      return problem(400, 'Query validation error', 'invalid_query_string');
    return [200, [...users.values()].filter((user) => user.email === email)];
  }

  function create({ connection, password, verify_email: _, ...fields }: Record<string, unknown>): Answer {
    if (typeof password !== 'string') return problem(400, 'Payload validation error', 'invalid_body');
    if (isWeak(password)) return weak;
    if (conflict(connection, fields)) return problem(409, 'The user already exists.', 'auth0_idp_error');
    return [201, users.get(add(String(connection), fields, password))];
  }

  function change(
    user: TenantUser,
    { connection, password, verify_email: _, ...fields }: Record<string, unknown>,
  ): Answer {
    if (isWeak(password)) return weak;
    const taken = conflict(connection, fields, user.user_id);
    if (taken)
      return problem(400, `The specified new ${taken.replace('_', ' ')} already exists`, 'auth0_idp_error');
    for (const [field, value] of Object.entries(fields))
      user[field] = field === 'email' || field === 'username' ? lower(value) : value;
    if (typeof password === 'string') passwords.set(user.user_id, password);
    return [200, user];
  }

  function oneUser(method: string, id: string, body: Record<string, unknown>): Answer {
    if (!/^[^|]+\|.+$/.test(id)) return problem(400, 'Path validation error', 'invalid_uri');
    const user = users.get(id);
    if (method === 'DELETE') {
      users.delete(id);
      return [204];
    }
    if (!user) return problem(404, 'The user does not exist.', 'inexistent_user');
    return method === 'PATCH' ? change(user, body) : [200, user];
  }

  function answer({ method, url, headers, body }: SeenRequest): Answer {
    const { pathname, searchParams } = new URL(url, origin);
    const sent = body === '' ? {} : JSON.parse(body);
    if (`${method} ${pathname}` === 'POST /oauth/token') return token(sent);
    if (!tokens.has(String(headers.authorization).replace('Bearer ', '')))
      return problem(401, 'Invalid token', 'invalid_token');
    const id = /^\/api\/v2\/users\/([^/]+)$/.exec(pathname)?.[1];
    if (id) return oneUser(method, decodeURIComponent(id), sent);
    if (`${method} ${pathname}` === 'GET /api/v2/users-by-email') return byEmail(searchParams);
    if (`${method} ${pathname}` === 'GET /api/v2/users') return search(searchParams);
    if (`${method} ${pathname}` === 'POST /api/v2/users') return create(sent);
    return problem(404, 'Not Found', 'not_found');
  }

  const upstream = await startUpstream((request) => {
    // Scripts know the tenant by the name that they called it by: it is in the audience of their tokens.
    origin = `http://${request.headers.host}`;
    const [status, body] = answer(request);
    request.answer(status, body);
  });
  return {
    upstream,
    obstacles,
    add,
    tokensGiven: () => given,
    revokeTokens: () => tokens.clear(),
    [Symbol.asyncDispose]: () => upstream.close(),
  };
}
