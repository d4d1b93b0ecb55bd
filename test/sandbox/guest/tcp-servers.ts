import net, { type Server, type Socket } from 'node:net';
import { type Listening, listenOnLoopback } from '../../servers/listen.ts';

export interface TcpServers {
  /** Sends back what comes, and the end. */
  echo: Listening;
  /** Says hello and ends. */
  hello: Listening;
  /** Reads and never answers; ends when the client does. */
  silent: Listening & { received(): string };
  /** Resets the connection when something comes. */
  reset: Listening;
  /** Accepts and does not read. */
  unread: Listening & { last(): Socket | undefined };
  /** Counts what it reads, and says the number when the client has ended. */
  counter: Listening;
  /** Ends at once and goes on reading; `counted` are the bytes of the clients that have ended, too. */
  ended: Listening & { counted: number[] };
  /** A port that nobody listens on. */
  closedPort: number;
  ports: Record<Exclude<keyof TcpServers, 'ports' | 'close'>, number>;
  close(): Promise<void>;
}

/** Servers for clients of sockets, each with one habit. */
export async function startTcpServers(): Promise<TcpServers> {
  let received = '';
  let lastUnread: Socket | undefined;
  const counted: number[] = [];
  const open = { allowHalfOpen: true };
  const servers = {
    echo: net.createServer(open, (socket) => socket.pipe(socket)),
    hello: net.createServer(open, (socket) => socket.resume().end('hello')),
    silent: net.createServer((socket) => {
      socket.on('data', (bytes) => {
        received += bytes;
      });
    }),
    reset: net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    unread: net.createServer({ pauseOnConnect: true }, (socket) => {
      lastUnread = socket;
    }),
    counter: net.createServer(open, (socket) => {
      let count = 0;
      socket.on('data', (bytes) => {
        count += bytes.byteLength;
      });
      socket.on('end', () => socket.end(String(count)));
    }),
    ended: net.createServer(open, (socket) => {
      let count = 0;
      socket.end();
      socket.on('data', (bytes) => {
        count += bytes.byteLength;
      });
      socket.on('end', () => counted.push(count));
    }),
  };
  const listening = Object.fromEntries(
    await Promise.all(
      Object.entries(servers).map(async ([name, server]) => [name, await listenOnLoopback(server)] as const),
    ),
  ) as Record<keyof typeof servers, Listening>;
  const closedPort = await portOfNobody();
  const ports = Object.fromEntries(Object.entries(listening).map(([name, { port }]) => [name, port]));
  return {
    ...listening,
    silent: { ...listening.silent, received: () => received },
    unread: { ...listening.unread, last: () => lastUnread },
    ended: { ...listening.ended, counted },
    closedPort,
    ports: { ...ports, closedPort } as TcpServers['ports'],
    async close() {
      await Promise.all(Object.values(listening).map((each) => each.close()));
    },
  };
}

async function portOfNobody(): Promise<number> {
  const server: Server = net.createServer();
  const { port, close } = await listenOnLoopback(server);
  await close();
  return port;
}
