import type { Document } from 'mongodb';
import { CommandError } from './command-error.ts';
import { compareValues, isDocument, meansValue, valuesAt } from './values.ts';

type Operator = (values: unknown[], argument: unknown, all: Document) => boolean;

const listOf = (argument: unknown): unknown[] => {
  if (Array.isArray(argument)) return argument;
  throw new CommandError(2, 'the operator needs an array');
};

const asRegex = (pattern: unknown, options?: unknown): RegExp =>
  pattern instanceof RegExp ? pattern : new RegExp(String(pattern), String(options ?? '').replace('x', ''));

function isEqual(values: unknown[], wanted: unknown): boolean {
  if (wanted instanceof RegExp) return matchesRegex(values, wanted);
  if (values.length === 0) return wanted === null || wanted === undefined;
  return values.some((value) => meansValue(value, wanted));
}

function matchesRegex(values: unknown[], regex: RegExp): boolean {
  const texts = values.flat().filter((value) => typeof value === 'string');
  return texts.some((text) => new RegExp(regex.source, regex.flags.replace('g', '')).test(text));
}

/** Orders values of one type only, as MongoDB's comparisons do. */
const ordered = (holds: (order: number) => boolean): Operator => {
  const sameType = (a: unknown, b: unknown) =>
    Object.prototype.toString.call(a) === Object.prototype.toString.call(b);
  return (values, argument) =>
    values.flat().some((value) => sameType(value, argument) && holds(compareValues(value, argument)));
};

const operators: Record<string, Operator> = {
  $eq: isEqual,
  $ne: (values, wanted) => !isEqual(values, wanted),
  $gt: ordered((order) => order > 0),
  $gte: ordered((order) => order >= 0),
  $lt: ordered((order) => order < 0),
  $lte: ordered((order) => order <= 0),
  $in: (values, wanted) => listOf(wanted).some((one) => isEqual(values, one)),
  $nin: (values, wanted) => !listOf(wanted).some((one) => isEqual(values, one)),
  $exists: (values, wanted) => values.length > 0 === Boolean(wanted),
  $regex: (values, pattern, all) => matchesRegex(values, asRegex(pattern, all.$options)),
  $options: () => true,
  $not: (values, condition) => !matchesCondition(values, condition),
  $size: (values, size) => values.some((value) => Array.isArray(value) && value.length === size),
  $all: (values, wanted) => listOf(wanted).every((one) => isEqual(values, one)),
  $elemMatch: (values, filter) =>
    values.some((list) => Array.isArray(list) && list.some((one) => matchesElement(one, filter as Document))),
};

const isOperators = (condition: unknown): condition is Document =>
  isDocument(condition) && Object.keys(condition).some((key) => key.startsWith('$'));

const matchesElement = (element: unknown, filter: Document): boolean =>
  isOperators(filter)
    ? matchesCondition([element], filter)
    : isDocument(element) && matchesFilter(element, filter);

function matchesCondition(values: unknown[], condition: unknown): boolean {
  if (!isOperators(condition)) return isEqual(values, condition);
  return Object.entries(condition).every(([name, argument]) => {
    const operator = operators[name];
    if (!operator) throw new CommandError(2, `unknown operator: ${name}`);
    return operator(values, argument, condition);
  });
}

/** Whether a query's filter finds a document. Throws BadValue for operators that the double does not have. */
export function matchesFilter(document: Document, filter: Document): boolean {
  return Object.entries(filter).every(([key, condition]) => {
    if (key === '$and') return listOf(condition).every((one) => matchesFilter(document, one as Document));
    if (key === '$or') return listOf(condition).some((one) => matchesFilter(document, one as Document));
    if (key === '$nor') return !listOf(condition).some((one) => matchesFilter(document, one as Document));
    if (key === '$comment') return true;
    if (key.startsWith('$')) throw new CommandError(2, `unknown top level operator: ${key}`);
    return matchesCondition(valuesAt(document, key), condition);
  });
}

/** The fields that a filter fixes: what an upsert starts its new document with. */
export function equalitiesOf(filter: Document): Document {
  const found: Document = {};
  for (const [key, condition] of Object.entries(filter)) {
    if (key === '$and')
      for (const one of listOf(condition)) Object.assign(found, equalitiesOf(one as Document));
    if (key.startsWith('$')) continue;
    if (!isOperators(condition) && !(condition instanceof RegExp)) found[key] = condition;
    else if (isDocument(condition) && '$eq' in condition) found[key] = condition.$eq;
  }
  return found;
}
