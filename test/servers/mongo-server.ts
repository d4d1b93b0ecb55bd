import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import type { Document } from 'mongodb';
import { readFrames } from './frames.ts';
import { listenOnLoopback } from './listen.ts';
import type { Collection } from './mongo/collection.ts';
import type { Command, CommandContext, Session } from './mongo/command.ts';
import { CommandError } from './mongo/command-error.ts';
import { createDatabases } from './mongo/databases.ts';
import { readCommands } from './mongo/read-commands.ts';
import { saslCommands } from './mongo/sasl-commands.ts';
import { createScramUser, type Mechanism } from './mongo/scram.ts';
import { openCommands, serverCommands } from './mongo/server-commands.ts';
import { messageLength, parseRequest } from './mongo/wire.ts';
import { writeCommands } from './mongo/write-commands.ts';

export interface MongoServerOptions {
  /** Without one anybody may do anything. */
  user?: string;
  password?: string;
  /** The database the user belongs to; `admin` by default. */
  authDatabase?: string;
  /** The only mechanism that the user can authenticate by; SCRAM-SHA-256 and SCRAM-SHA-1 by default. */
  mechanism?: Mechanism;
  /** Without it the server speaks no TLS, with it nothing else. A `ca` makes it ask for client certificates. */
  tls?: { key: string; cert: string; ca?: string };
  /** The one in `url`; `test` by default. */
  database?: string;
}

export interface MongoServer extends AsyncDisposable {
  /** Names the user, the password and the database. */
  url: string;
  port: number;
  /** What is in a collection, to look at and to fill. */
  collection(name: string, database?: string): Collection;
  /** How many clients' connections are open. */
  connections(): number;
  /** The names of the commands so far, in order. */
  seen: string[];
  close(): Promise<void>;
}

const commands: Record<string, Command> = { ...readCommands, ...writeCommands, ...serverCommands };

function run(context: CommandContext, command: Document): Document {
  const name = Object.keys(command)[0] ?? '';
  const open = openCommands[name] ?? saslCommands[name];
  const found = open ?? commands[name];
  if (!found) throw new CommandError(59, `no such command: '${name}'`);
  if (!open && context.user && !context.session.authenticated) {
    throw new CommandError(13, `Command ${name} requires authentication`);
  }
  return { ...found(context, command), ok: 1 };
}

function answer(context: CommandContext, command: Document): Document {
  try {
    return run(context, command);
  } catch (error) {
    if (error instanceof CommandError) return error.reply();
    throw error;
  }
}

/**
 * A double of a standalone MongoDB 7.0 on a free port of the loopback: its wire protocol, SCRAM and TLS are real, its
 * queries and updates are those that scripts of user stores need. What it does not do it answers with an error.
 */
export async function startMongoServer(options: MongoServerOptions = {}): Promise<MongoServer> {
  const { user, password = '', authDatabase = 'admin', database = 'test' } = options;
  const databases = createDatabases();
  const scramUser =
    user === undefined ? undefined : createScramUser(user, password, authDatabase, options.mechanism);
  const seen: string[] = [];
  let sessions = 0;

  function serve(socket: Socket): void {
    sessions += 1;
    const session: Session = { id: sessions, authenticated: false, conversation: undefined };
    socket.on('error', () => socket.destroy());
    readFrames(socket, messageLength, (frame) => {
      const request = parseRequest(frame);
      seen.push(Object.keys(request.command)[0] ?? '');
      const reply = answer(
        { databases, database: request.database, session, user: scramUser },
        request.command,
      );
      if (request.encode) socket.write(request.encode(reply));
    });
  }

  const server = options.tls
    ? tls.createServer(
        {
          ...options.tls,
          requestCert: options.tls.ca !== undefined,
          rejectUnauthorized: options.tls.ca !== undefined,
        },
        serve,
      )
    : net.createServer(serve);
  const { port, connections, close } = await listenOnLoopback(server);
  const login = user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
  const query = user === undefined ? '' : `?authSource=${authDatabase}`;
  return {
    url: `mongodb://${login}127.0.0.1:${port}/${database}${query}`,
    port,
    collection: (name, inDatabase = database) => databases.collection(inDatabase, name),
    connections,
    seen,
    close,
    [Symbol.asyncDispose]: close,
  };
}
