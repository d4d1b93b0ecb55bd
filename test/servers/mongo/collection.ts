import { type Document, ObjectId } from 'mongodb';
import { CommandError } from './command-error.ts';
import { matchesFilter } from './match.ts';
import { sortDocuments } from './sort.ts';
import { compareValues, valuesAt } from './values.ts';

export interface Index {
  name: string;
  key: Document;
  unique: boolean;
  sparse: boolean;
  partialFilterExpression: Document | undefined;
}

export interface Collection {
  /** In order of insertion; tests may read and change it. */
  documents: Document[];
  indexes: Index[];
  find(filter: Document, sort?: Document): Document[];
  /** Gives it an `_id` if it has none. Throws DuplicateKey. */
  insert(document: Document): Document;
  /** Throws DuplicateKey. */
  replace(old: Document, changed: Document): void;
  remove(document: Document): void;
  createIndex(index: Document): void;
}

const keyText = (value: unknown) =>
  value instanceof ObjectId ? `ObjectId('${value}')` : (JSON.stringify(value ?? null) as string);

/** One collection in memory, with unique indexes. `namespace` is for messages. */
export function createCollection(namespace: string): Collection {
  const documents: Document[] = [];
  const indexes: Index[] = [];

  function keyOf(document: Document, index: Index): unknown[] | undefined {
    const found = Object.keys(index.key).map((path) => valuesAt(document, path));
    if (index.sparse && found.every((values) => values.length === 0)) return undefined;
    if (index.partialFilterExpression && !matchesFilter(document, index.partialFilterExpression))
      return undefined;
    return found.map((values) => values[0]);
  }

  function checkUnique(document: Document, except?: Document): void {
    for (const index of indexes.filter((one) => one.unique)) {
      const key = keyOf(document, index);
      if (!key) continue;
      const taken = documents.some((other) => {
        const otherKey = other === except ? undefined : keyOf(other, index);
        return otherKey !== undefined && compareValues(otherKey, key) === 0;
      });
      if (!taken) continue;
      const fields = Object.keys(index.key);
      const shown = fields.map((field, at) => `${field}: ${keyText(key[at])}`).join(', ');
      throw new CommandError(
        11000,
        `E11000 duplicate key error collection: ${namespace} index: ${index.name} dup key: { ${shown} }`,
        {
          keyPattern: index.key,
          keyValue: Object.fromEntries(fields.map((field, at) => [field, key[at] ?? null])),
        },
      );
    }
  }

  function createIndex({ key, name, unique, sparse, partialFilterExpression }: Document): void {
    if (indexes.some((index) => index.name === name)) return;
    indexes.push({ key, name, unique: unique === true, sparse: sparse === true, partialFilterExpression });
  }
  createIndex({ key: { _id: 1 }, name: '_id_', unique: true });

  return {
    documents,
    indexes,
    createIndex,
    find(filter, sort = {}) {
      return sortDocuments(
        documents.filter((document) => matchesFilter(document, filter)),
        sort,
      );
    },
    insert(document) {
      const stored = '_id' in document ? document : { _id: new ObjectId(), ...document };
      checkUnique(stored);
      documents.push(stored);
      return stored;
    },
    replace(old, changed) {
      checkUnique(changed, old);
      documents[documents.indexOf(old)] = changed;
    },
    remove(document) {
      documents.splice(documents.indexOf(document), 1);
    },
  };
}
