import { Binary, type Document, ObjectId } from 'mongodb';

/** BSON's comparison order of types, for those that the double meets. */
const ranks = [
  'nothing',
  'number',
  'string',
  'document',
  'array',
  'binary',
  'objectId',
  'boolean',
  'date',
  'regex',
];

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'bigint') return 'number';
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return 'array';
  if (value instanceof Binary) return 'binary';
  if (value instanceof ObjectId) return 'objectId';
  if (value instanceof Date) return 'date';
  if (value instanceof RegExp) return 'regex';
  return 'document';
}

export const isDocument = (value: unknown): value is Document => kindOf(value) === 'document';

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  for (const [index, one] of a.entries()) {
    if (index >= b.length) return 1;
    const order = compareValues(one, b[index]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Less than 0, 0 or more, as MongoDB orders them. Missing and null are the same. */
export function compareValues(a: unknown, b: unknown): number {
  const kind = kindOf(a);
  const difference = ranks.indexOf(kind) - ranks.indexOf(kindOf(b));
  if (difference !== 0 || kind === 'nothing') return difference;
  if (kind === 'array') return compareLists(a as unknown[], b as unknown[]);
  if (kind === 'document') return compareLists(Object.entries(a as object), Object.entries(b as object));
  if (kind === 'binary') return Buffer.compare((a as Binary).buffer, (b as Binary).buffer);
  if (kind === 'number' || kind === 'date') return Number(a) - Number(b);
  const [left, right] = kind === 'boolean' ? [Number(a), Number(b)] : [String(a), String(b)];
  return left < right ? -1 : Number(left > right);
}

export const sameValue = (a: unknown, b: unknown) => compareValues(a, b) === 0;

/** Whether an equality in a query means this value: itself, or an element of it. */
export const meansValue = (stored: unknown, wanted: unknown): boolean =>
  sameValue(stored, wanted) || (Array.isArray(stored) && stored.some((one) => sameValue(one, wanted)));

/** Every value at a dotted path; arrays on the way are looked into. Empty where there is none. */
export function valuesAt(document: unknown, path: string): unknown[] {
  const [head = '', ...rest] = path.split('.');
  if (Array.isArray(document)) {
    const byIndex = /^\d+$/.test(head) && Number(head) < document.length ? [document[Number(head)]] : [];
    const deeper = byIndex.flatMap((one) => (rest.length ? valuesAt(one, rest.join('.')) : [one]));
    return [...deeper, ...document.filter(isDocument).flatMap((one) => valuesAt(one, path))];
  }
  if (!isDocument(document) || !Object.hasOwn(document, head)) return [];
  return rest.length ? valuesAt(document[head], rest.join('.')) : [document[head]];
}
