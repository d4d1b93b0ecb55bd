import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A port in front of a store: closing it is an outage that the store itself does not notice. */
export interface Relay extends AsyncDisposable {
  port: number;
  /** Ends every connection, and waits for the clients to have noticed; new ones are refused until `open`. */
  close(): Promise<void>;
  open(): Promise<void>;
  /** From now on no byte goes either way, on any connection, until it is closed and opened again. */
  mute(): void;
}

/** For a client that leaves its half of a connection open. */
const NOTICE_WITHIN_MS = 1000;

/** Hands every connection on, bytes untouched, so that TLS goes through to the store. */
export async function startRelay(target: { host: string; port: number }): Promise<Relay> {
  /** Each client's connection to the store. */
  const clients = new Map<Socket, Socket>();
  let isMute = false;
  let server: Server | undefined;
  let port = 0;

  function join(client: Socket): void {
    const store = connect(target);
    clients.set(client, store);
    if (isMute) client.resume();
    else client.pipe(store).pipe(client);
    client.on('error', () => store.destroy());
    store.on('error', () => client.destroy());
    client.on('close', () => {
      clients.delete(client);
      store.destroy();
    });
  }

  function mute(): void {
    isMute = true;
    for (const [client, store] of clients) {
      store.unpipe(client);
      client.unpipe(store);
      client.resume();
    }
  }

  async function open(): Promise<void> {
    isMute = false;
    server = createServer(join).listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  }

  async function close(): Promise<void> {
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    server = undefined;
    for (const client of clients.keys()) client.end();
    const timer = setTimeout(() => {
      for (const client of clients.keys()) client.destroy();
    }, NOTICE_WITHIN_MS);
    await closed;
    clearTimeout(timer);
  }

  await open();
  return { port, open, close, mute, [Symbol.asyncDispose]: close };
}
