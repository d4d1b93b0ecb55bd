import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { SecretInputs } from './secret-inputs.ts';
import { secretParts } from './secret-parts.ts';
import { spellings } from './spellings.ts';

/** Replaces in a script's words what must not leave the service. */
export type Mask = (text: string) => string;

/** Where this software lies: of the host's paths the only ones that code inside the sandbox could come across. */
const installedAt = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');

/** Configuration values below this are words like `dev` or `1`, which make a message unreadable when masked. */
const CONFIGURATION_VALUE_MIN = 4;
/** Shorter ones are masked where they stand alone: `users` is no part of `user_id` nor of `superusers`. */
const WITHIN_WORDS_MIN = 8;

/**
 * Configuration values, and passwords within those that are connection strings, become `[configuration.KEY]`, the
 * input's passwords `[password]` and its passkey material `[passkey]`, as they are and in other spellings: see
 * spellings.ts. What overlaps is masked as one, under the name of the longest.
 */
export function createMask(
  configuration: Readonly<Record<string, string>>,
  { passwords = [], passkeys = [] }: Partial<SecretInputs> = {},
): Mask {
  const names = new Map<string, string>();
  const values = Object.entries(configuration);
  const parts = values.flatMap(([key, value]) => secretParts(value).map((part) => [key, part] as const));
  // Values first: a part that is a value of its own as well is named by that.
  for (const [key, secret] of [...values, ...parts]) {
    if (secret.length < CONFIGURATION_VALUE_MIN || isMarker(secret) || saysWhere(key, secret)) continue;
    for (const spelling of spellings(secret))
      if (!names.has(spelling)) names.set(spelling, `[configuration.${key}]`);
  }
  for (const passkey of passkeys) for (const spelling of spellings(passkey)) names.set(spelling, '[passkey]');
  const shortPasswords = new Set<string>();
  for (const password of passwords) {
    if (password.length < CONFIGURATION_VALUE_MIN) shortPasswords.add(password);
    else for (const spelling of spellings(password)) names.set(spelling, '[password]');
  }
  names.set(installedAt, '[drawbridge]');
  for (const password of shortPasswords) names.set(password, '[password]');
  const standsAlone = (text: string, name: string) =>
    name === '[password]' ? shortPasswords.has(text) : text.length < WITHIN_WORDS_MIN;
  const longestFirst = [...names]
    .sort(([one], [other]) => other.length - one.length)
    .map(([text, name]) => ({ text, name, alone: standsAlone(text, name) }));
  return (text) => replaceAll(text, longestFirst);
}

interface Secret {
  text: string;
  name: string;
  /** Only where it is no part of a word. */
  alone: boolean;
}

/**
 * Searched for one by one: as one pattern, a value of some kilobytes would be too large for a regular expression, and
 * the error that says so quotes the pattern.
 */
function replaceAll(text: string, longestFirst: readonly Secret[]): string {
  const found: { start: number; end: number; name: string }[] = [];
  for (const { text: secret, name, alone } of longestFirst) {
    for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + secret.length)) {
      const end = at + secret.length;
      if (!alone || isAlone(text, at, end)) found.push({ start: at, end, name });
    }
  }
  // At one place the longest comes first, as sorting keeps the order.
  found.sort((one, other) => one.start - other.start);
  let masked = '';
  let from = 0;
  for (let index = 0; index < found.length; ) {
    const { start } = found[index]!;
    let { end, name } = found[index]!;
    let longest = end - start;
    for (index++; index < found.length && found[index]!.start < end; index++) {
      const next = found[index]!;
      if (next.end - next.start > longest) ({ name } = next);
      longest = Math.max(longest, next.end - next.start);
      end = Math.max(end, next.end);
    }
    masked += text.slice(from, start) + name;
    from = end;
  }
  return masked + text.slice(from);
}

/** Masking a short password inside of words would spell it out by the gaps. */
function isAlone(text: string, start: number, end: number): boolean {
  return (
    !/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, start - 2), start)) &&
    !/^[\p{L}\p{N}]/u.test(text.slice(end, end + 2))
  );
}

/** No value has taken its place: it is what the files say, and messages name it. */
function isMarker(value: string): boolean {
  return /^(?:@@[\w.-]+@@|##[\w.-]+##)$/.test(value);
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
