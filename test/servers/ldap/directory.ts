import { randomUUID } from 'node:crypto';
import ldap, { type Filter } from 'ldapjs';

/** The result codes of LDAP (RFC 4511 §4.1.9) that the directory answers with. */
export const resultCode = {
  noSuchAttribute: 16,
  constraintViolation: 19,
  attributeOrValueExists: 20,
  noSuchObject: 32,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  unwillingToPerform: 53,
  notAllowedOnNonLeaf: 66,
  entryAlreadyExists: 68,
} as const;

export class DirectoryError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export interface DirectoryEntry {
  dn: string;
  /** By names as they were written; names and values are found whatever their case. */
  attributes: Record<string, string[]>;
}

export interface Change {
  operation: 'add' | 'delete' | 'replace';
  type: string;
  values: string[];
}

export interface Directory {
  get(dn: string): DirectoryEntry | undefined;
  entries(): DirectoryEntry[];
  add(dn: string, attributes: Record<string, string[]>): DirectoryEntry;
  modify(dn: string, changes: Change[]): void;
  remove(dn: string): void;
  search(base: string, scope: 'base' | 'one' | 'sub', filter: Filter): DirectoryEntry[];
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** One spelling for all the ways to write a name. */
export const normalDn = (dn: string) => ldap.parseDN(dn).toString().toLowerCase();

const parentOf = (dn: string) => dn.replace(/^(?:\\.|[^,\\])*,?/, '');

/** Attributes as a schema spells them: ldapjs hands names on in lower case. */
const schemaNames = [
  'objectClass',
  'givenName',
  'displayName',
  'userPassword',
  'telephoneNumber',
  'entryUUID',
];
const schemaName = (type: string) => schemaNames.find((name) => same(name, type)) ?? type;

/** An attribute's name as the entry has it. */
const nameIn = (attributes: DirectoryEntry['attributes'], type: string) =>
  Object.keys(attributes).find((name) => same(name, type));

export function valuesOf({ attributes }: DirectoryEntry, type: string): string[] {
  const name = nameIn(attributes, type);
  return name === undefined ? [] : attributes[name]!;
}

function matchesSubstrings(value: string, { subInitial, subAny, subFinal }: Filter): boolean {
  const parts = [subInitial ?? '', ...(subAny ?? []), subFinal ?? ''].map((part) =>
    part.replace(/[^\w\s]/g, '\\$&'),
  );
  return new RegExp(`^${parts.join('.*')}$`, 'is').test(value);
}

function matches(entry: DirectoryEntry, filter: Filter): boolean {
  switch (filter.type) {
    case 'AndFilter':
      return filter.clauses.every((one) => matches(entry, one));
    case 'OrFilter':
      return filter.clauses.some((one) => matches(entry, one));
    case 'NotFilter':
      return !filter.clauses.some((one) => matches(entry, one));
    case 'PresenceFilter':
      return valuesOf(entry, filter.attribute).length > 0;
    case 'EqualityFilter':
      return valuesOf(entry, filter.attribute).some((value) => same(value, filter.value));
    case 'SubstringFilter':
      return valuesOf(entry, filter.attribute).some((value) => matchesSubstrings(value, filter));
    default:
      throw new DirectoryError(resultCode.unwillingToPerform, `This directory does not do ${filter.type}`);
  }
}

function applyChange(attributes: DirectoryEntry['attributes'], { operation, type, values }: Change): void {
  const name = nameIn(attributes, type) ?? schemaName(type);
  const current = attributes[name] ?? [];
  const has = (value: string) => current.some((one) => same(one, value));
  if (operation === 'add' && values.some(has)) {
    throw new DirectoryError(resultCode.attributeOrValueExists, `${type}: value exists`);
  }
  if (operation === 'delete' && (current.length === 0 || !values.every(has))) {
    throw new DirectoryError(resultCode.noSuchAttribute, `${type}: no such value`);
  }
  const kept = current.filter((value) => values.length > 0 && !values.some((gone) => same(gone, value)));
  const changed = { add: [...current, ...values], delete: kept, replace: values }[operation];
  if (changed.length > 0) attributes[name] = changed;
  else delete attributes[name];
}

/** Entries in memory beneath one suffix. No two of them share a value of a unique attribute. */
export function createDirectory(suffix: string, unique: string[]): Directory {
  const entries = new Map<string, DirectoryEntry>();

  function existing(dn: string): DirectoryEntry {
    const entry = entries.get(normalDn(dn));
    if (!entry) throw new DirectoryError(resultCode.noSuchObject, 'no such object');
    return entry;
  }

  function checkUnique(candidate: DirectoryEntry, except?: DirectoryEntry): void {
    const others = [...entries.values()].filter((entry) => entry !== except);
    const isTaken = unique.some((type) =>
      valuesOf(candidate, type).some((value) =>
        others.some((other) => valuesOf(other, type).some((taken) => same(taken, value))),
      ),
    );
    if (isTaken) throw new DirectoryError(resultCode.constraintViolation, 'some attributes not unique');
  }

  return {
    get: (dn) => entries.get(normalDn(dn)),
    entries: () => [...entries.values()],
    add(dn, attributes) {
      const key = normalDn(dn);
      if (entries.has(key)) throw new DirectoryError(resultCode.entryAlreadyExists, 'entry exists');
      if (key !== normalDn(suffix)) existing(parentOf(key));
      const named = Object.entries(attributes).map(([type, values]) => [schemaName(type), values]);
      const entry = { dn, attributes: { ...Object.fromEntries(named), entryUUID: [randomUUID()] } };
      checkUnique(entry);
      entries.set(key, entry);
      return entry;
    },
    modify(dn, changes) {
      const entry = existing(dn);
      const attributes = { ...entry.attributes };
      for (const change of changes) applyChange(attributes, change);
      checkUnique({ dn, attributes }, entry);
      entry.attributes = attributes;
    },
    remove(dn) {
      existing(dn);
      const key = normalDn(dn);
      if ([...entries.keys()].some((other) => parentOf(other) === key)) {
        throw new DirectoryError(resultCode.notAllowedOnNonLeaf, 'subordinate objects must be deleted first');
      }
      entries.delete(key);
    },
    search(base, scope, filter) {
      existing(base);
      const root = normalDn(base);
      const isWithin = (key: string) => {
        if (scope === 'one') return parentOf(key) === root;
        return key === root || (scope === 'sub' && key.endsWith(`,${root}`));
      };
      return [...entries]
        .filter(([key, entry]) => isWithin(key) && matches(entry, filter))
        .map(([, entry]) => entry);
    },
  };
}
