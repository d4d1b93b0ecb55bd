import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from '../../servers/listen.ts';
import type { OldStore } from './old-store.ts';

interface User {
  id: number;
  email: string;
  nick: string;
  password: string;
  verified: boolean;
}

interface Answer {
  status: number;
  body?: unknown;
}

const account = { user: 'service', password: 'sécret of the HTTP store' };

function basicCredentials({ headers }: IncomingMessage): { user: string; password: string } | undefined {
  const [, encoded] = /^Basic (.*)$/.exec(headers.authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString();
  const colon = decoded.indexOf(':');
  return { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

const hashOf = (password: string) => createHash('sha256').update(password).digest('hex');

/** A user store behind HTTP as `request` scripts call it: `/me` as the user, `/users` as the service. */
export async function startHttpUserStore(): Promise<OldStore> {
  const users = new Map<number, User>();
  const byEmail = (email: string | null) => [...users.values()].find((user) => user.email === email);
  const shown = ({ password: _, ...user }: User) => user;
  let lastId = 0;

  function me(request: IncomingMessage): Answer {
    const given = basicCredentials(request);
    const user = byEmail(given?.user ?? null);
    if (!given || !user || user.password !== hashOf(given.password)) return { status: 401 };
    return { status: 200, body: shown(user) };
  }

  function add({ email, nick, password }: User): Answer {
    if (byEmail(email)) return { status: 409, body: { message: 'This address is taken' } };
    lastId += 1;
    const user = { id: lastId, email, nick, password: hashOf(password), verified: false };
    users.set(user.id, user);
    return { status: 201, body: shown(user) };
  }

  function change({ email, change: fields }: { email: string; change: Partial<User> }): Answer {
    const user = byEmail(email);
    if (!user) return { status: 404, body: { message: 'Nobody' } };
    Object.assign(user, fields, fields.password === undefined ? {} : { password: hashOf(fields.password) });
    return { status: 200, body: { changed: 1, request: randomUUID() } };
  }

  function find(query: URLSearchParams): Answer {
    const user = query.has('id') ? users.get(Number(query.get('id'))) : byEmail(query.get('email'));
    return { status: 200, body: user ? [shown(user)] : [] };
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://store');
    if (pathname === '/me') return me(request);
    const given = basicCredentials(request);
    if (given?.user !== account.user || given.password !== account.password) return { status: 401 };
    if (request.method === 'GET') return find(searchParams);
    if (request.method === 'DELETE')
      return { status: users.delete(Number(pathname.split('/').at(-1))) ? 204 : 404 };
    const body = JSON.parse(await text(request));
    return request.method === 'POST' ? add(body) : change(body);
  }

  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      const headers = {
        'content-type': 'application/json',
        ...(status === 401 ? { 'www-authenticate': 'Basic realm="store"' } : {}),
      };
      response.writeHead(status, headers).end(body === undefined ? undefined : JSON.stringify(body));
    });
  });
  const { port, connections, close } = await listenOnLoopback(server);
  return {
    configuration: {
      STORE_URL: `http://127.0.0.1:${port}`,
      STORE_USER: account.user,
      STORE_PASSWORD: account.password,
    },
    egress: [`127.0.0.1:${port}`],
    connections,
    close,
  };
}
