import type { Document } from 'mongodb';
import type { Command, CommandContext } from './command.ts';
import { CommandError } from './command-error.ts';
import { authenticationInHello } from './sasl-commands.ts';

const version = '7.0.0';

/** A standalone server's, of a version that all four generations of the driver take. */
function describeServer(context: CommandContext, command: Document): Document {
  return {
    helloOk: true,
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: context.session.id,
    minWireVersion: 0,
    maxWireVersion: 21,
    readOnly: false,
    ...authenticationInHello(context, command),
  };
}

const isMaster: Command = (context, command) => ({ ismaster: true, ...describeServer(context, command) });

/** What a client may ask before it has authenticated. */
export const openCommands: Record<string, Command> = {
  hello: (context, command) => ({ isWritablePrimary: true, ...describeServer(context, command) }),
  isMaster,
  ismaster: isMaster,
  ping: () => ({}),
  buildInfo: () => ({
    version,
    versionArray: version.split('.').map(Number),
    maxBsonObjectSize: 16 * 1024 * 1024,
  }),
  endSessions: () => ({}),
};

export const serverCommands: Record<string, Command> = {
  create: ({ databases, database }, { create: name }) => {
    databases.collection(database, name);
    return {};
  },
  createIndexes({ databases, database }, { createIndexes: name, indexes }) {
    const collection = databases.collection(database, name);
    const numIndexesBefore = collection.indexes.length;
    for (const index of indexes) collection.createIndex(index);
    return {
      numIndexesBefore,
      numIndexesAfter: collection.indexes.length,
      createdCollectionAutomatically: false,
    };
  },
  listIndexes({ databases, database }, { listIndexes: name }) {
    if (!databases.names(database).includes(name))
      throw new CommandError(26, `ns does not exist: ${database}.${name}`);
    const indexes = databases
      .collection(database, name)
      .indexes.map(({ key, name, unique }) => ({ v: 2, key, name, unique }));
    return { cursor: databases.openCursor(`${database}.${name}`, indexes, indexes.length, true) };
  },
  listCollections({ databases, database }, { filter = {} }) {
    const names = databases
      .names(database)
      .filter((name) => filter.name === undefined || filter.name === name);
    const found = names.map((name) => ({ name, type: 'collection' }));
    return { cursor: databases.openCursor(`${database}.$cmd.listCollections`, found, found.length, true) };
  },
  drop({ databases, database }, { drop: name }) {
    if (!databases.drop(database, name)) throw new CommandError(26, 'ns not found');
    return { ns: `${database}.${name}` };
  },
  dropDatabase({ databases, database }) {
    for (const name of databases.names(database)) databases.drop(database, name);
    return { dropped: database };
  },
};
