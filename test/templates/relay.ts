import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A port in front of a store: closing it is an outage that the store itself does not notice. */
export interface Relay extends AsyncDisposable {
  port: number;
  /** Ends every connection, and waits for the clients to have noticed; new ones are refused until `open`. */
  close(): Promise<void>;
  open(): Promise<void>;
}

/** For a client that leaves its half of a connection open. */
const NOTICE_WITHIN_MS = 1000;

/** Hands every connection on, bytes untouched, so that TLS goes through to the store. */
export async function startRelay(target: { host: string; port: number }): Promise<Relay> {
  const clients = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;

  function join(client: Socket): void {
    const store = connect(target);
    clients.add(client);
    client.pipe(store).pipe(client);
    client.on('error', () => store.destroy());
    store.on('error', () => client.destroy());
    client.on('close', () => {
      clients.delete(client);
      store.destroy();
    });
  }

  async function open(): Promise<void> {
    server = createServer(join).listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  }

  async function close(): Promise<void> {
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    server = undefined;
    for (const client of clients) client.end();
    const timer = setTimeout(() => {
      for (const client of clients) client.destroy();
    }, NOTICE_WITHIN_MS);
    await closed;
    clearTimeout(timer);
  }

  await open();
  return { port, open, close, [Symbol.asyncDispose]: close };
}
