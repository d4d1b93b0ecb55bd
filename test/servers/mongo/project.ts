import type { Document } from 'mongodb';
import { isDocument } from './values.ts';

const without = (document: Document, [head = '', ...rest]: string[]): Document =>
  Object.fromEntries(
    Object.entries(document).flatMap(([key, value]): [string, unknown][] => {
      if (key !== head) return [[key, value]];
      if (rest.length === 0) return [];
      return [[key, isDocument(value) ? without(value, rest) : value]];
    }),
  );

function only(value: unknown, paths: string[][]): unknown {
  if (Array.isArray(value)) return value.filter((one) => isDocument(one)).map((one) => only(one, paths));
  if (!isDocument(value)) return undefined;
  const kept: Document = {};
  for (const [key, inner] of Object.entries(value)) {
    const here = paths.filter(([head]) => head === key).map(([, ...rest]) => rest);
    if (here.length === 0) continue;
    const projected = here.some((rest) => rest.length === 0) ? inner : only(inner, here);
    if (projected !== undefined) kept[key] = projected;
  }
  return kept;
}

/** A find's projection: fields wanted, or fields not wanted. `_id` comes along unless it is switched off. */
export function project(document: Document, projection: Document = {}): Document {
  const { _id: id = 1, ...fields } = projection;
  const names = Object.keys(fields);
  const inclusive =
    names.some((name) => Boolean(fields[name])) || (names.length === 0 && '_id' in projection && id);
  if (inclusive) {
    const wanted = names.filter((name) => fields[name]);
    return only(document, [...(id ? [['_id']] : []), ...wanted.map((name) => name.split('.'))]) as Document;
  }
  const unwanted = [...(id ? [] : ['_id']), ...names];
  return unwanted.reduce((rest, name) => without(rest, name.split('.')), document);
}
