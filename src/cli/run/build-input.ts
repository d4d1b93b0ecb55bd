import { readFile } from 'node:fs/promises';
import { type ActionName, actionNames } from '../../../sandbox/contract/actions.ts';
import { checkActionInput } from '../../scripts/action-inputs.ts';
import type { ContextOrganization } from '../../scripts/build-arguments.ts';
import { type PasswordSource, readPassword } from '../read-password.ts';
import { UsageError } from './errors.ts';
import type { RunFlags } from './run-flags.ts';

export type RunnableScript = ActionName | 'signup';

const names: readonly RunnableScript[] = [...actionNames, 'signup'];

/** `get_user`, and `get-user` as the HTTP API has it. Throws UsageError. */
export function parseScriptName(text: string): RunnableScript {
  const wanted = text.replaceAll('-', '_').toLowerCase();
  const found = names.find((name) => name === wanted);
  if (found) return found;
  throw new UsageError(`there is no script "${text}"; the scripts are ${names.join(', ')}`);
}

/** Where --identifier and --user-id go. */
const subjects: Record<RunnableScript, { identifier?: string; userId?: string }> = {
  login: { identifier: 'identifier' },
  get_user: { identifier: 'identifier', userId: 'user_id' },
  create: {},
  signup: {},
  verify: { identifier: 'email' },
  delete: { userId: 'user_id' },
  change_password: { identifier: 'identifier' },
  change_email: { identifier: 'email' },
  change_username: { identifier: 'username' },
  change_phone_number: { identifier: 'phone_number' },
};

type Fields = Record<string, unknown>;

/** The script's input of flags, file and password. Throws UsageError with what is wrong and how to put it right. */
export async function buildInput(
  script: RunnableScript,
  flags: RunFlags,
  passwords: PasswordSource,
): Promise<Fields> {
  refuseVisiblePassword(flags);
  if (flags.passwordStdin && flags.inputFile === '-') {
    throw new UsageError('--password-stdin and --input-file - both read standard input: give one of the two');
  }
  const input = { ...(await readInput(flags, passwords)), ...subjectOf(script, flags) };
  if (flags.identifierType !== undefined) input.identifier_type = flags.identifierType;
  if (flags.method !== undefined) input.method = flags.method;
  if (flags.user) input.user = { ...(input.user as Fields | undefined), ...parseUser(flags.user) };
  const complete = await withPassword(script, input, flags, passwords);
  const issues = checkActionInput(script === 'signup' ? 'create' : script, complete);
  if (issues.length > 0) {
    const list = issues.map(({ path, message }) => `${path === '' ? 'the input' : path} ${message}`);
    throw new UsageError(`the input is not right: ${list.join('; ')}. ${howTo(script)}`);
  }
  return complete;
}

/** An id, or the whole object as JSON. Throws UsageError. */
export function parseOrganization(text: string | undefined): ContextOrganization | undefined {
  if (text === undefined) return undefined;
  if (!text.trimStart().startsWith('{')) return { id: text };
  const value = parseObject(text, '--organization');
  if (typeof value.id === 'string' && value.id !== '') return value as unknown as ContextOrganization;
  throw new UsageError('--organization has no id; give an id, or JSON such as {"id":"org_1","name":"acme"}');
}

const whyNot =
  'other users of the machine can read arguments, and shells keep them in a history. Leave it out and type it when it is asked for, or pipe it in with --password-stdin';

function refuseVisiblePassword({ password, input, user = [] }: RunFlags): void {
  if (password !== undefined) throw new UsageError(`--password is not taken: ${whyNot}`);
  if (user.some((pair) => /^password\s*=/i.test(pair))) {
    throw new UsageError(`--user password=… is not taken: ${whyNot}`);
  }
  if (input !== undefined && /"(?:new_)?password"\s*:/i.test(input)) {
    throw new UsageError(`a password in --input is not taken: ${whyNot}, or use --input-file`);
  }
}

async function readInput({ input, inputFile }: RunFlags, { stdin }: PasswordSource): Promise<Fields> {
  if (input !== undefined && inputFile !== undefined) {
    throw new UsageError('--input and --input-file are both given: give one of the two');
  }
  if (input !== undefined) return parseObject(input, '--input');
  if (inputFile === undefined) return {};
  if (inputFile === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Buffer));
    return parseObject(Buffer.concat(chunks).toString('utf8'), 'standard input');
  }
  const text = await readFile(inputFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--input-file ${inputFile} cannot be read (${error.code})`);
  });
  return parseObject(text, inputFile);
}

function parseObject(text: string, where: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${where} is not JSON`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new UsageError(`${where} is not a JSON object`);
}

function subjectOf(script: RunnableScript, { identifier, userId }: RunFlags): Fields {
  const takes = subjects[script];
  const fields: Fields = {};
  for (const [flag, field, value] of [
    ['--identifier', takes.identifier, identifier],
    ['--user-id', takes.userId, userId],
  ] as const) {
    if (value === undefined) continue;
    if (field === undefined) throw new UsageError(`${script} takes no ${flag}. ${howTo(script)}`);
    fields[field] = value;
  }
  return fields;
}

/** Keys may be dotted: `user_metadata.plan=pro`. */
function parseUser(pairs: readonly string[]): Fields {
  const user: Fields = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`--user ${pair} is not key=value`);
    const path = pair.slice(0, at).split('.');
    let place = user;
    for (const key of path.slice(0, -1)) {
      const inner = Object.hasOwn(place, key) ? place[key] : undefined;
      const next = typeof inner === 'object' && inner !== null ? inner : {};
      Object.defineProperty(place, key, {
        value: next,
        enumerable: true,
        configurable: true,
        writable: true,
      });
      place = next as Fields;
    }
    place[path.at(-1)!] = parseValue(pair.slice(at + 1));
  }
  return user;
}

/** Digits stay text: identifiers are. */
function parseValue(text: string): unknown {
  if (!/^(?:true|false|null|[[{"].*)$/s.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function withPassword(
  script: RunnableScript,
  input: Fields,
  { passwordStdin = false }: RunFlags,
  source: PasswordSource,
): Promise<Fields> {
  switch (script) {
    case 'login':
      if (input.password !== undefined) return input;
      return { ...input, password: await readPassword(source, 'password', passwordStdin) };
    case 'change_password':
      if (input.new_password !== undefined) return input;
      return { ...input, new_password: await readPassword(source, 'new password', passwordStdin) };
    case 'create':
    case 'signup': {
      const user = (input.user ?? {}) as Fields;
      if (input.method === 'passkey' || user.password !== undefined) return { ...input, user };
      const password = await readPassword(source, 'password of the new user', passwordStdin);
      return { ...input, user: { ...user, password } };
    }
    default:
      if (passwordStdin) throw new UsageError(`${script} takes no password`);
      return input;
  }
}

const calls: Record<RunnableScript, string> = {
  login: '--identifier jane@example.com',
  get_user: '--identifier jane@example.com, or --user-id 42',
  create: '--user email=jane@example.com, with --method passkey for a user without a password',
  signup: '--user email=jane@example.com, with --method passkey for a user without a password',
  verify: '--identifier jane@example.com',
  delete: '--user-id 42',
  change_password: '--identifier jane@example.com',
  change_email: '--input \'{"email":"jane@example.com","new_email":"jo@example.com","verified":true}\'',
  change_username: '--input \'{"username":"jane","new_username":"jo"}\'',
  change_phone_number:
    '--input \'{"phone_number":"+4930123456","new_phone_number":"+4930654321","verified":true}\'',
};

function howTo(script: RunnableScript): string {
  return `${script} is called with ${calls[script]}`;
}
