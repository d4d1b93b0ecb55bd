import type { Document } from 'mongodb';
import { CommandError } from './command-error.ts';
import type { Databases } from './databases.ts';
import type { ScramConversation, ScramUser } from './scram.ts';

/** What one connection has done so far. */
export interface Session {
  id: number;
  authenticated: boolean;
  conversation: ScramConversation | undefined;
}

export interface CommandContext {
  databases: Databases;
  /** The database the command was sent to. */
  database: string;
  session: Session;
  /** Undefined where the server takes anybody. */
  user: ScramUser | undefined;
}

/** Answers a command with the fields beside `ok: 1`, or throws a CommandError. */
export type Command = (context: CommandContext, command: Document) => Document;

/** What the double would answer wrongly it refuses. */
export function refuseUnsupported(command: Document): void {
  for (const name of ['collation', 'let', 'arrayFilters']) {
    if (command[name] !== undefined) throw new CommandError(2, `This double does not do '${name}'`);
  }
  if (command.txnNumber !== undefined) {
    throw new CommandError(20, 'Transaction numbers are only allowed on a replica set member or mongos');
  }
}
