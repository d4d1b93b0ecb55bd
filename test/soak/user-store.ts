import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { SoakOptions } from './options.ts';

export const goodPassword = 'correct horse battery staple';

/** Whom `/<connection>/…` answers with: nobody else can have this id. */
export const userOf = (connection: string, identifier: string) => ({
  user_id: `${connection}:${identifier}`,
  email: identifier,
});

export interface UserStore extends AsyncDisposable {
  url: string;
  /** How often each user has been created, by address. */
  created: ReadonlyMap<string, number>;
}

/** The upstream of all connections: a good user store below `/<connection>/users`, and bad ones below `/bad/…`. */
export async function startUserStore({ sabotage }: Pick<SoakOptions, 'sabotage'>): Promise<UserStore> {
  const created = new Map<string, number>();
  let lookups = 0;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, connection = '', what = ''] = url.pathname.split('/');
    if (connection === 'bad') return misbehave(what, response);
    if (request.method === 'POST') {
      const { email } = JSON.parse(await text(request)) as { email: string };
      created.set(email, (created.get(email) ?? 0) + 1);
      return answer(response, userOf(connection, email));
    }
    lookups++;
    const other = sabotage === 'wrong-user' && lookups % 5 === 0;
    return answer(response, userOf(other ? 'another' : connection, url.searchParams.get('identifier') ?? ''));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    created,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function misbehave(how: string, response: ServerResponse): void {
  switch (how) {
    case 'hang':
      return;
    case 'half':
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
        .write('{"user_id":');
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    default:
      response.socket?.end(Buffer.from('\u0000\u0001 this is no HTTP \r\n\r\n', 'latin1'));
  }
}
