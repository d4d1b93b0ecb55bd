import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import { secretParts } from './secret-parts.ts';

/** Replaces in a script's words what must not leave the service. */
export type Mask = (text: string) => string;

/** Where this software lies: of the host's paths the only ones that code inside the sandbox could come across. */
const installedAt = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');

/** Configuration values below this are words like `dev` or `1`, which make a message unreadable when masked. */
const CONFIGURATION_VALUE_MIN = 4;
/** Shorter ones are masked where they stand alone: `users` is no part of `user_id` nor of `superusers`. */
const WITHIN_WORDS_MIN = 8;

/**
 * Configuration values, and passwords within those that are connection strings, become `[configuration.KEY]`, the input's passwords `[password]`, as they are and in the
 * spellings that URLs, JSON and Basic authentication give them. Of two that overlap, the longer goes first.
 */
export function createMask(
  configuration: Readonly<Record<string, string>>,
  passwords: readonly string[],
): Mask {
  const replacements = new Map<string, string>();
  const values = Object.entries(configuration);
  const parts = values.flatMap(([key, value]) => secretParts(value).map((part) => [key, part] as const));
  // Values first: a part that is a value of its own as well is named by that.
  for (const [key, secret] of [...values, ...parts]) {
    if (secret.length < CONFIGURATION_VALUE_MIN || saysWhere(key, secret)) continue;
    for (const spelling of spellings(secret))
      if (!replacements.has(spelling)) replacements.set(spelling, `[configuration.${key}]`);
  }
  const shortPasswords: string[] = [];
  for (const password of passwords) {
    if (password.length < CONFIGURATION_VALUE_MIN) shortPasswords.push(password);
    else for (const spelling of spellings(password)) replacements.set(spelling, '[password]');
  }
  replacements.set(installedAt, '[drawbridge]');
  const longestFirst = [...replacements.keys()].sort((one, other) => other.length - one.length);
  const asPattern = (text: string) =>
    text.length < WITHIN_WORDS_MIN && replacements.get(text) !== '[password]'
      ? standingAlone(text)
      : literally(text);
  const pattern = new RegExp(
    [...longestFirst.map(asPattern), ...shortPasswords.map(standingAlone)].join('|'),
    'gu',
  );
  return (text) => text.replace(pattern, (found) => replacements.get(found) ?? '[password]');
}

/**
 * Where a store is, in a value of its own: without it a message of a driver does not say what could not be reached, and
 * the log not what to allow. An address and a switch are no secrets whatever their key; a name or a port is one unless
 * its key says what it is.
 */
function saysWhere(key: string, value: string): boolean {
  if (isIP(value) !== 0 || /^(?:localhost|true|false)$/.test(value)) return true;
  if (/(?:^|_|[a-z])port$/i.test(key)) return /^\d{1,5}$/.test(value);
  const isName = /^(?=.{1,253}$)[a-z\d](?:[a-z\d-]{0,62}(?:\.|$))+$/i.test(value);
  return isName && /(?:^|_|[a-z])(?:host|hostname|server)$/i.test(key);
}

/** The input's plaintext passwords. */
export function passwordsOf(action: ActionName, input: object): string[] {
  const fields = input as { password?: unknown; new_password?: unknown; user?: { password?: unknown } };
  const candidates = action === 'create' ? [fields.user?.password] : [fields.password, fields.new_password];
  return candidates.filter((password): password is string => typeof password === 'string' && password !== '');
}

function spellings(value: string): Set<string> {
  const all = new Set([value, JSON.stringify(value).slice(1, -1)]);
  if (value.isWellFormed()) all.add(encodeURIComponent(value));
  all.add(Buffer.from(value).toString('base64'));
  all.add(Buffer.from(value).toString('base64url'));
  return all;
}

/** Masking a short password inside of words would spell it out by the gaps. */
function standingAlone(password: string): string {
  return `(?<![\\p{L}\\p{N}])${literally(password)}(?![\\p{L}\\p{N}])`;
}

/** A text as a pattern. (RegExp.escape is not in the language level that is type-checked against.) */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
