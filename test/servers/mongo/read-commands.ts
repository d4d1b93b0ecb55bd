import { aggregate } from './aggregate.ts';
import { type Command, refuseUnsupported } from './command.ts';
import { project } from './project.ts';
import { sameValue, valuesAt } from './values.ts';

/** How many documents a first batch has where the client does not say. */
const firstBatchSize = 101;

const find: Command = ({ databases, database }, command) => {
  refuseUnsupported(command);
  const { find: name, filter = {}, sort, projection, skip = 0, limit = 0, batchSize, singleBatch } = command;
  const found = databases.collection(database, name).find(filter, sort);
  const count = Math.abs(Number(limit));
  const wanted = found.slice(Number(skip), count ? Number(skip) + count : undefined);
  const documents = wanted.map((document) => project(document, projection));
  const single = singleBatch === true || Number(limit) < 0;
  return {
    cursor: databases.openCursor(
      `${database}.${name}`,
      documents,
      Number(batchSize ?? firstBatchSize),
      single,
    ),
  };
};

const runAggregate: Command = ({ databases, database }, command) => {
  refuseUnsupported(command);
  const { aggregate: name, pipeline, cursor = {} } = command;
  const documents = aggregate(databases.collection(database, String(name)).documents, pipeline);
  const batchSize = Number(cursor.batchSize ?? firstBatchSize);
  return { cursor: databases.openCursor(`${database}.${name}`, documents, batchSize, false) };
};

export const readCommands: Record<string, Command> = {
  find,
  aggregate: runAggregate,
  getMore({ databases }, { getMore: id, batchSize }) {
    return { cursor: databases.nextBatch(BigInt(id), Number(batchSize ?? Number.MAX_SAFE_INTEGER)) };
  },
  killCursors({ databases }, { cursors }) {
    const ids = (cursors as unknown[]).map((id) => BigInt(String(id)));
    const cursorsKilled = ids.filter((id) => databases.killCursor(id));
    const cursorsNotFound = ids.filter((id) => !cursorsKilled.includes(id));
    return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] };
  },
  count({ databases, database }, { count: name, query = {}, skip = 0, limit = 0 }) {
    const found = databases.collection(database, name).find(query).slice(Number(skip));
    return { n: limit ? Math.min(found.length, Number(limit)) : found.length };
  },
  distinct({ databases, database }, { distinct: name, key, query = {} }) {
    const values = databases
      .collection(database, name)
      .find(query)
      .flatMap((document) => valuesAt(document, key));
    const seen: unknown[] = [];
    for (const value of values.flat()) if (!seen.some((one) => sameValue(one, value))) seen.push(value);
    return { values: seen };
  },
};
