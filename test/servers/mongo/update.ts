import type { Document } from 'mongodb';
import { CommandError } from './command-error.ts';
import { matchesFilter } from './match.ts';
import { isDocument, meansValue, sameValue, valuesAt } from './values.ts';

/** The document that holds the last name of a dotted path; missing ones on the way are made if asked. */
function parentOf(
  document: Document,
  path: string,
  make: boolean,
): [parent: Document | undefined, name: string] {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let parent: Document = document;
  for (const name of names) {
    if (parent[name] === undefined && make) parent[name] = {};
    parent = parent[name];
    if (typeof parent !== 'object' || parent === null) return [undefined, last];
  }
  return [parent, last];
}

function setAt(document: Document, path: string, value: unknown): void {
  const [parent, name] = parentOf(document, path, true);
  if (!parent) throw new CommandError(2, `Cannot create field in element {${path}}`);
  parent[name] = value;
}

function listAt(document: Document, path: string): unknown[] {
  const [current] = valuesAt(document, path);
  if (current !== undefined && !Array.isArray(current)) {
    throw new CommandError(2, `The field '${path}' must be an array`);
  }
  return [...(current ?? [])];
}

const eachOf = (value: unknown): unknown[] =>
  isDocument(value) && Array.isArray(value.$each) ? value.$each : [value];

type Change = (document: Document, path: string, argument: unknown) => void;

const changes: Record<string, Change> = {
  $set: setAt,
  $setOnInsert: setAt,
  $unset(document, path) {
    const [parent, name] = parentOf(document, path, false);
    if (parent) delete parent[name];
  },
  $inc(document, path, by) {
    const [current = 0] = valuesAt(document, path);
    setAt(document, path, Number(current) + Number(by));
  },
  $currentDate: (document, path) => setAt(document, path, new Date()),
  $push: (document, path, value) => setAt(document, path, [...listAt(document, path), ...eachOf(value)]),
  $addToSet(document, path, value) {
    const list = listAt(document, path);
    for (const one of eachOf(value)) if (!list.some((old) => sameValue(old, one))) list.push(one);
    setAt(document, path, list);
  },
  $pull(document, path, condition) {
    const goes = (one: unknown) =>
      isDocument(condition) && isDocument(one) ? matchesFilter(one, condition) : meansValue(one, condition);
    setAt(
      document,
      path,
      listAt(document, path).filter((one) => !goes(one)),
    );
  },
};

export const isReplacement = (update: Document) => !Object.keys(update).some((key) => key.startsWith('$'));

/** A changed copy of a document; `_id` stays what it is. */
export function applyUpdate(document: Document, update: Document, inserting = false): Document {
  if (Array.isArray(update)) throw new CommandError(9, 'This double does no updates by pipelines');
  if (isReplacement(update)) return '_id' in document ? { _id: document._id, ...update } : { ...update };
  const changed: Document = structuredCopy(document) as Document;
  for (const [name, fields] of Object.entries(update)) {
    const change = changes[name];
    if (!change) throw new CommandError(9, `Unknown modifier: ${name}`);
    if (name === '$setOnInsert' && !inserting) continue;
    for (const [path, argument] of Object.entries(fields as Document)) change(changed, path, argument);
  }
  if (!inserting && !sameValue(changed._id, document._id)) {
    throw new CommandError(
      66,
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    );
  }
  return changed;
}

/** Plain documents and arrays anew; values of BSON's own types are never changed and are shared. */
function structuredCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredCopy);
  if (!isDocument(value) || '_bsontype' in value) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, structuredCopy(one)]));
}
