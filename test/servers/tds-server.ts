import { createServer, type Socket } from 'node:net';
import { listenOnLoopback } from './listen.ts';
import { type BatchEvent, newSessionState, runBatch } from './tds/batch.ts';
import { createDatabase, type Database } from './tds/database.ts';
import { type Login, readLogin } from './tds/login7.ts';
import { type Message, packetType } from './tds/packets.ts';
import { type Encrypted, negotiate, preloginAnswer, readEncryption } from './tds/prelogin.ts';
import { createSession, type Session } from './tds/session.ts';
import { SqlError } from './tds/sql-error.ts';
import { createTokens, doneStatus } from './tds/tokens.ts';
import { createTransport } from './tds/transport.ts';
import { createTurns, type Turns } from './tds/turns.ts';

export interface TdsServerOptions {
  user: string;
  password: string;
  /** Without it the server can encrypt nothing. */
  tls?: { key: string; cert: string };
  /** Turns away who does not want everything encrypted. */
  forceEncryption?: boolean;
  /** The only database that there is; `store` by default. */
  database?: string;
  /** T-SQL to begin with; lines that say GO are taken as ends of batches. */
  schema?: string;
}

export interface TdsServer extends AsyncDisposable {
  port: number;
  /** Runs T-SQL and gives the rows of its last statement, values as they are stored. */
  sql(text: string): Record<string, unknown>[];
  /** How many clients' connections are open. */
  connections(): number;
  /** The logins that were let in, in order, with what of their traffic is encrypted. */
  logins: { user: string; database: string; encrypted: Encrypted; version: number }[];
  close(): Promise<void>;
}

interface Shared {
  options: Required<Pick<TdsServerOptions, 'user' | 'password' | 'database'>> & TdsServerOptions;
  database: Database;
  turns: Turns;
  logins: TdsServer['logins'];
  /** Settle when what a connection had open is rolled back. */
  ends: Promise<void>[];
}

/** 18456 does not say which of the two was wrong. */
function checkLogin({ user, password, database }: Login, options: Shared['options']): SqlError | undefined {
  if (user.toLowerCase() !== options.user.toLowerCase() || password !== options.password) {
    return new SqlError(18456, `Login failed for user '${user}'.`, 14);
  }
  if (database && database.toLowerCase() !== options.database.toLowerCase()) {
    return new SqlError(
      4060,
      `Cannot open database "${database}" requested by the login. The login failed.`,
      11,
    );
  }
  return undefined;
}

function serve(socket: Socket, { options, database, turns, logins, ends }: Shared): void {
  let encrypted: Encrypted = 'nothing';
  let session: Session | undefined;
  let current = Promise.resolve();
  let cutOff = new AbortController();

  const transport = createTransport(socket, (message) => {
    if (message.type === packetType.attention) cutOff.abort();
    current = current
      .then(() => take(message))
      .catch((fault) => {
        socket.destroy();
        // A fault of the double's own: the test run is to hear of it.
        queueMicrotask(() => {
          throw fault;
        });
      });
  });
  socket.on('close', () => {
    cutOff.abort();
    ends.push(current.then(() => session?.end()));
  });

  function prelogin(body: Buffer): void {
    const { tls, forceEncryption = false } = options;
    const [answer, agreed] = negotiate(readEncryption(body), {
      hasCertificate: tls !== undefined,
      force: forceEncryption,
    });
    encrypted = agreed;
    transport.send(preloginAnswer(answer));
    if (tls && encrypted !== 'nothing') transport.startTls(tls);
  }

  function logIn(body: Buffer): void {
    const login = readLogin(body);
    if (encrypted === 'login') transport.stopTls();
    const tokens = createTokens(login.version);
    const refusal = checkLogin(login, options);
    if (refusal) {
      transport.send(Buffer.concat([tokens.error(refusal), tokens.done('batch', doneStatus.error, 0, 0)]));
      transport.end();
      return;
    }
    logins.push({ user: login.user, database: options.database, encrypted, version: login.version });
    transport.send(
      Buffer.concat([
        tokens.databaseChanged(options.database),
        tokens.collationChanged(),
        tokens.loginAck(),
        tokens.packetSizeChanged(login.packetSize),
        tokens.done('batch', 0, 0, 0),
      ]),
    );
    transport.setPacketSize(login.packetSize);
    session = createSession({ database, name: options.database, login, turns });
  }

  async function take(message: Message): Promise<void> {
    if (!session) {
      if (message.type === packetType.prelogin) prelogin(message.body);
      else if (message.type === packetType.login7) logIn(message.body);
      else socket.destroy();
      return;
    }
    if (message.type === packetType.attention) {
      transport.send(session.attention());
      return;
    }
    cutOff = new AbortController();
    transport.send(await session.answer(message, cutOff.signal));
  }
}

/** Runs a script as sqlcmd would: batch by batch. */
function runScript(text: string, database: Database, name: string): Record<string, unknown>[] {
  const state = newSessionState(name);
  const events: BatchEvent[] = text
    .split(/^\s*GO\s*$/im)
    .flatMap((batch) => [...runBatch(batch, new Map(), database, state)]);
  const last = events.at(-1);
  if (last?.kind !== 'result') return [];
  const names = last.columns?.map((column) => column.name) ?? [];
  return last.rows.map((row) => Object.fromEntries(names.map((column, index) => [column, row[index]])));
}

/**
 * A double of SQL Server on a free port of the loopback: TDS 7.1 to 7.4 and its TLS are real, the data are SQLite's in
 * memory, and the T-SQL is what scripts of user stores need. What it does not do it answers with an error.
 */
export async function startTdsServer(options: TdsServerOptions): Promise<TdsServer> {
  const name = options.database ?? 'store';
  const database = createDatabase();
  const logins: TdsServer['logins'] = [];
  const ends: Promise<void>[] = [];
  runScript(options.schema ?? '', database, name);
  const shared: Shared = {
    options: { ...options, database: name },
    database,
    turns: createTurns(),
    logins,
    ends,
  };
  const listening = await listenOnLoopback(createServer((socket) => serve(socket, shared)));
  async function close(): Promise<void> {
    await listening.close();
    await Promise.all(ends);
    database.close();
  }
  return {
    port: listening.port,
    connections: listening.connections,
    sql: (text) => runScript(text, database, name),
    logins,
    close,
    [Symbol.asyncDispose]: close,
  };
}
