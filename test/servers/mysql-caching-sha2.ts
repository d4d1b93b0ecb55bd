import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import tls from 'node:tls';
import { readFrames } from './frames.ts';
import { listenOnLoopback } from './listen.ts';
import { type CachingSha2, createCachingSha2 } from './mysql/caching-sha2.ts';
import * as packet from './mysql/packets.ts';

export interface MysqlServerOptions {
  user: string;
  password: string;
  /** Without it the server can do no TLS. */
  tls?: { key: string; cert: string };
}

/** How a login went: by the token alone, by the password over TLS, or by the password under the server's key. */
export type LoginWay = 'fast' | 'full over TLS' | 'full by public key';

export interface MysqlServer extends AsyncDisposable {
  port: number;
  /** Runs SQL of SQLite's kind: the clients' queries see the same data. */
  sql: DatabaseSync;
  logins: LoginWay[];
  /** Makes the next login a full one again. */
  forgetPasswords(): void;
  connections(): number;
  close(): Promise<void>;
}

interface Shared {
  options: MysqlServerOptions;
  sql: DatabaseSync;
  account: CachingSha2;
  logins: LoginWay[];
}

const command = { quit: 0x01, initDatabase: 0x02, query: 0x03, ping: 0x0e, reset: 0x1f };
const wants = { publicKey: 0x02, fastSuccess: 0x03, fullAuthentication: 0x04 };
const offered = Object.values(packet.capability).reduce((all, one) => all | one, 0);

const denied = (user: string) =>
  packet.failure(1045, '28000', `Access denied for user '${user}'@'localhost' (using password: YES)`);

function query(sql: DatabaseSync, text: string): Buffer[] {
  if (/^\s*(SET|USE|START TRANSACTION|COMMIT|ROLLBACK)\b/i.test(text)) return [packet.ok()];
  try {
    const statement = sql.prepare(text);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const names = statement.columns().map(({ name }) => name);
    if (names.length > 0) return packet.resultSet(names, statement.all() as unknown as unknown[][]);
    const { changes, lastInsertRowid } = statement.run();
    return [packet.ok(Number(changes), Number(lastInsertRowid))];
  } catch (error) {
    const message = (error as Error).message;
    if (message.startsWith('UNIQUE')) return [packet.failure(1062, '23000', `Duplicate entry: ${message}`)];
    if (message.startsWith('no such table')) return [packet.failure(1146, '42S02', message)];
    return [packet.failure(1064, '42000', `You have an error in your SQL syntax: ${message}`)];
  }
}

/** One client. What it says next is for whoever waits for it: the login's steps, then the commands. */
function serve(raw: Socket, connectionId: number, { options, sql, account, logins }: Shared): void {
  const nonce = Buffer.from(randomBytes(20).map((byte) => (byte % 94) + 33));
  let stream: Socket = raw;
  let sequence = 0;
  let next: (payload: Buffer) => void = hello;
  let stop = listen();

  function listen(): () => void {
    return readFrames(stream, packet.packetLength, (frame) => {
      sequence = frame[3]! + 1;
      next(frame.subarray(4));
    });
  }

  function send(...payloads: Buffer[]): void {
    for (const payload of payloads) {
      stream.write(Buffer.concat([packet.uint(payload.length, 3), packet.u8(sequence & 0xff), payload]));
      sequence += 1;
    }
  }

  function refuse(answer: Buffer): void {
    send(answer);
    stream.end();
  }

  function startTls(): void {
    if (!options.tls) return void raw.destroy();
    stop();
    stream = new tls.TLSSocket(raw, { isServer: true, ...options.tls });
    stream.on('error', () => raw.destroy());
    stop = listen();
  }

  function hello(payload: Buffer): void {
    if (packet.isTlsRequest(payload)) return startTls();
    const client = packet.readHello(payload);
    if (!(client.capabilities & packet.capability.pluginAuth)) {
      return refuse(
        packet.failure(
          1251,
          '08004',
          'Client does not support authentication protocol requested by server; consider upgrading MySQL client',
        ),
      );
    }
    const check = (token: Buffer) => checkToken(client.user, token);
    if (client.plugin === packet.plugin) return check(client.token);
    next = check;
    send(packet.authSwitch(nonce));
  }

  function checkToken(user: string, token: Buffer): void {
    if (user === options.user && account.isKnown(token, nonce)) {
      send(packet.authMoreData(packet.u8(wants.fastSuccess)));
      return accept('fast');
    }
    send(packet.authMoreData(packet.u8(wants.fullAuthentication)));
    next = stream === raw ? (payload) => askForKey(user, payload) : (payload) => checkClear(user, payload);
  }

  function checkClear(user: string, payload: Buffer): void {
    checkPassword(user, payload.toString('utf8').replace(/\0$/, ''), 'full over TLS');
  }

  function askForKey(user: string, payload: Buffer): void {
    if (payload[0] !== wants.publicKey || payload.length !== 1) return refuse(denied(user));
    send(packet.authMoreData(Buffer.from(account.publicKey, 'utf8')));
    next = (encrypted) => checkPassword(user, account.decrypt(encrypted, nonce), 'full by public key');
  }

  function checkPassword(user: string, password: string, way: LoginWay): void {
    if (user === options.user && account.isPassword(password)) accept(way);
    else refuse(denied(user));
  }

  function accept(way: LoginWay): void {
    logins.push(way);
    next = take;
    send(packet.ok());
  }

  function take(payload: Buffer): void {
    switch (payload[0]) {
      case command.quit:
        return void stream.end();
      case command.query:
        return send(...query(sql, payload.toString('utf8', 1)));
      case command.initDatabase:
      case command.ping:
      case command.reset:
        return send(packet.ok());
      default:
        return send(packet.failure(1295, 'HY000', `This double does not do the command ${payload[0]}`));
    }
  }

  const capabilities = options.tls ? offered : offered & ~packet.capability.tls;
  send(packet.handshake(connectionId, nonce, capabilities));
}

/**
 * A double of MySQL 8 on a free port of the loopback whose one user has caching_sha2_password, which MariaDB does not
 * know: the login is real, by token, over TLS or by the server's RSA key. The SQL is SQLite's.
 */
export async function startMysqlServer(options: MysqlServerOptions): Promise<MysqlServer> {
  const sql = new DatabaseSync(':memory:');
  const account = createCachingSha2(options.password);
  const logins: LoginWay[] = [];
  let connectionId = 0;
  const listening = await listenOnLoopback(
    createServer((socket) => {
      connectionId += 1;
      serve(socket, connectionId, { options, sql, account, logins });
    }),
  );
  async function close(): Promise<void> {
    await listening.close();
    sql.close();
  }
  return {
    port: listening.port,
    sql,
    logins,
    forgetPasswords: account.forget,
    connections: listening.connections,
    close,
    [Symbol.asyncDispose]: close,
  };
}
