import type { Document } from 'mongodb';
import { type Collection, createCollection } from './collection.ts';
import { CommandError } from './command-error.ts';

export interface Databases {
  /** Made at its first use, as MongoDB does. */
  collection(database: string, name: string): Collection;
  names(database: string): string[];
  drop(database: string, name: string): boolean;
  /** The first batch of a result; the rest waits under the cursor's id. 0 where nothing is left. */
  openCursor(namespace: string, documents: Document[], batchSize: number, single: boolean): Document;
  nextBatch(id: bigint, batchSize: number): Document;
  killCursor(id: bigint): boolean;
}

/** Everything a server holds. */
export function createDatabases(): Databases {
  const collections = new Map<string, Collection>();
  const cursors = new Map<bigint, { namespace: string; rest: Document[] }>();
  let lastCursor = 0n;

  return {
    collection(database, name) {
      const namespace = `${database}.${name}`;
      const existing = collections.get(namespace);
      if (existing) return existing;
      const collection = createCollection(namespace);
      collections.set(namespace, collection);
      return collection;
    },
    names(database) {
      const start = `${database}.`;
      return [...collections.keys()]
        .filter((key) => key.startsWith(start))
        .map((key) => key.slice(start.length));
    },
    drop: (database, name) => collections.delete(`${database}.${name}`),
    openCursor(namespace, documents, batchSize, single) {
      const firstBatch = documents.slice(0, batchSize);
      const rest = documents.slice(batchSize);
      if (rest.length === 0 || single) return { id: 0n, ns: namespace, firstBatch };
      lastCursor += 1n;
      cursors.set(lastCursor, { namespace, rest });
      return { id: lastCursor, ns: namespace, firstBatch };
    },
    nextBatch(id, batchSize) {
      const cursor = cursors.get(id);
      if (!cursor) throw new CommandError(43, `cursor id ${id} not found`);
      const nextBatch = cursor.rest.splice(0, batchSize);
      if (cursor.rest.length > 0) return { id, ns: cursor.namespace, nextBatch };
      cursors.delete(id);
      return { id: 0n, ns: cursor.namespace, nextBatch };
    },
    killCursor: (id) => cursors.delete(id),
  };
}
