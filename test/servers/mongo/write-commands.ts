import type { Document } from 'mongodb';
import type { Collection } from './collection.ts';
import { type Command, refuseUnsupported } from './command.ts';
import { CommandError } from './command-error.ts';
import { equalitiesOf } from './match.ts';
import { project } from './project.ts';
import { applyUpdate, isReplacement } from './update.ts';

/** Runs the statements of a write; after the first that fails no further one, if the write is ordered. */
function runWrites(
  statements: Document[],
  ordered: boolean,
  run: (one: Document, index: number) => void,
): Document {
  const writeErrors: Document[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      writeErrors.push(error.writeError(index));
      if (ordered) break;
    }
  }
  return writeErrors.length ? { writeErrors } : {};
}

/** The new document is what the filter fixes, changed by the update. */
function upsert(collection: Collection, filter: Document, update: Document): Document {
  const { _id: id, ...fields } = equalitiesOf(filter);
  const start = id === undefined ? {} : { _id: id };
  const base = isReplacement(update) ? start : applyUpdate(start, { $set: fields }, true);
  return collection.insert(applyUpdate(base, update, true));
}

const insert: Command = ({ databases, database }, command) => {
  refuseUnsupported(command);
  const collection = databases.collection(database, command.insert);
  let n = 0;
  const errors = runWrites(command.documents, command.ordered !== false, (document) => {
    collection.insert(document);
    n += 1;
  });
  return { n, ...errors };
};

const update: Command = ({ databases, database }, command) => {
  refuseUnsupported(command);
  const collection = databases.collection(database, command.update);
  const upserted: Document[] = [];
  let n = 0;
  let nModified = 0;
  const errors = runWrites(command.updates, command.ordered !== false, (statement, index) => {
    refuseUnsupported(statement);
    const { q: filter, u: change, multi } = statement;
    const found = collection.find(filter);
    for (const document of multi ? found : found.slice(0, 1)) {
      const changed = applyUpdate(document, change);
      collection.replace(document, changed);
      n += 1;
      if (JSON.stringify(changed) !== JSON.stringify(document)) nModified += 1;
    }
    if (found.length > 0 || !statement.upsert) return;
    upserted.push({ index, _id: upsert(collection, filter, change)._id });
    n += 1;
  });
  return { n, nModified, ...(upserted.length ? { upserted } : {}), ...errors };
};

const remove: Command = ({ databases, database }, command) => {
  refuseUnsupported(command);
  const collection = databases.collection(database, command.delete);
  let n = 0;
  const errors = runWrites(command.deletes, command.ordered !== false, (statement) => {
    refuseUnsupported(statement);
    const found = collection.find(statement.q);
    const gone = statement.limit === 1 ? found.slice(0, 1) : found;
    for (const document of gone) collection.remove(document);
    n += gone.length;
  });
  return { n, ...errors };
};

const findAndModify: Command = ({ databases, database }, command) => {
  refuseUnsupported(command);
  const collection = databases.collection(database, command.findAndModify ?? command.findandmodify);
  const { query = {}, sort, update: change, fields } = command;
  const [found] = collection.find(query, sort);
  const shown = (document: Document | undefined) => (document ? project(document, fields) : null);
  if (command.remove) {
    if (found) collection.remove(found);
    return { value: shown(found), lastErrorObject: { n: found ? 1 : 0 } };
  }
  if (found) {
    const changed = applyUpdate(found, change);
    collection.replace(found, changed);
    return { value: shown(command.new ? changed : found), lastErrorObject: { n: 1, updatedExisting: true } };
  }
  if (!command.upsert) return { value: null, lastErrorObject: { n: 0, updatedExisting: false } };
  const inserted = upsert(collection, query, change);
  return {
    value: command.new ? shown(inserted) : null,
    lastErrorObject: { n: 1, updatedExisting: false, upserted: inserted._id },
  };
};

export const writeCommands: Record<string, Command> = {
  insert,
  update,
  delete: remove,
  findAndModify,
  findandmodify: findAndModify,
};
