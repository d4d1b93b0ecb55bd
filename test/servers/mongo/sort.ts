import type { Document } from 'mongodb';
import { compareValues, valuesAt } from './values.ts';

/** By a sort document: paths and directions, the first one first. */
export function sortDocuments(documents: Document[], sort: Document): Document[] {
  const fields = Object.entries(sort);
  return documents.toSorted((a, b) => {
    const orders = fields.map(
      ([path, direction]) => compareValues(valuesAt(a, path)[0], valuesAt(b, path)[0]) * Number(direction),
    );
    return orders.find((order) => order !== 0) ?? 0;
  });
}
