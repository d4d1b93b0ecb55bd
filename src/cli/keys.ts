import { type Command, InvalidArgumentError, Option } from 'commander';
import { tenantName } from '../config-fields.ts';
import { createApiKey, defaultScopes, type Scope, type StoredKey, scopes } from '../keys/api-key.ts';
import { readKeyFile, updateKeyFile } from '../keys/key-file.ts';
import { KeyFileError } from '../keys/key-file-text.ts';
import { addEncryptionFlag, cipherOf, type EncryptionFlags } from './cipher-of.ts';

const examples = `
The keys are kept hashed in a file (--file or DRAWBRIDGE_API_KEYS_FILE) that "drawbridge serve --api-keys-file"
reads; a service that runs picks changes up within a second. With an encryption key (see "drawbridge secrets") the whole
file is encrypted.

Examples:
  $ npx drawbridge keys create --file keys.json --name my-auth-server
  $ npx drawbridge keys create --file keys.json --name dashboard --scope read:connections --tenant acme
  $ npx drawbridge keys list --file keys.json
  $ npx drawbridge keys revoke 4k2m9x0qw7ab --file keys.json
`;

interface FileFlags extends EncryptionFlags {
  file?: string;
  json?: boolean;
}

function fileOf({ file }: FileFlags): string {
  const path = file ?? process.env.DRAWBRIDGE_API_KEYS_FILE;
  if (path) return path;
  throw new KeyFileError('say which file of keys with --file, or set DRAWBRIDGE_API_KEYS_FILE');
}

function parseScopes(text: string): Scope[] {
  const wanted = text.split(',').map((scope) => scope.trim());
  const unknown = wanted.filter((scope) => !(scopes as readonly string[]).includes(scope));
  if (unknown.length > 0) throw new InvalidArgumentError(`The scopes are ${scopes.join(', ')}.`);
  return [...new Set(wanted)] as Scope[];
}

function parseTenant(text: string): string {
  if (!tenantName.safeParse(text).success) {
    throw new InvalidArgumentError('Allowed are letters, digits, - and _, at most 63.');
  }
  return text;
}

function parseName(text: string): string {
  if (text.trim() === '' || text.length > 100)
    throw new InvalidArgumentError('It must have 1 to 100 characters.');
  return text;
}

/** What may be shown of a key. */
function shownOf({ sha256: _sha256, ...shown }: StoredKey) {
  return shown;
}

const print = (text: string) => void process.stdout.write(`${text}\n`);

interface CreateFlags extends FileFlags {
  name: string;
  tenant: string;
  scope: Scope[];
}

async function create(flags: CreateFlags): Promise<void> {
  const path = fileOf(flags);
  const { name, tenant, scope } = flags;
  const { key, stored } = createApiKey({ name, tenant, scopes: scope, now: new Date() });
  const add = (keys: StoredKey[]) => ({ keys: [...keys, stored], result: undefined });
  await updateKeyFile(path, add, { cipher: cipherOf(flags) });
  if (flags.json) return print(JSON.stringify({ ...shownOf(stored), key }));
  print(`${key}\n`);
  process.stderr.write(
    `This is the only time the key is shown; ${path} keeps a hash of it.\n` +
      `Id ${stored.id}, tenant ${tenant}, scopes ${scope.join(', ')}. Revoke it with: npx drawbridge keys revoke ${stored.id} --file ${path}\n`,
  );
}

async function list(flags: FileFlags): Promise<void> {
  const path = fileOf(flags);
  const keys = await readKeyFile(path, { cipher: cipherOf(flags) });
  if (flags.json) return print(JSON.stringify(keys.map(shownOf)));
  if (keys.length === 0) {
    return print(
      `${path} has no keys yet; make one with: npx drawbridge keys create --file ${path} --name my-auth-server`,
    );
  }
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.tenant,
    key.scopes.join(','),
    key.created_at,
    key.revoked_at ? `revoked ${key.revoked_at}` : 'active',
  ]);
  const table = [['ID', 'NAME', 'TENANT', 'SCOPES', 'CREATED', 'STATE'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  for (const row of table)
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
}

async function revoke(id: string, flags: FileFlags): Promise<void> {
  const path = fileOf(flags);
  const revokeIt = (keys: StoredKey[]) => {
    const found = keys.find((key) => key.id === id);
    if (!found)
      throw new KeyFileError(
        `${path} has no key with the id ${id}; "npx drawbridge keys list --file ${path}" shows them`,
      );
    const result = { ...found, revoked_at: found.revoked_at ?? new Date().toISOString() };
    return { keys: keys.map((key) => (key === found ? result : key)), result };
  };
  const revoked = await updateKeyFile(path, revokeIt, { cipher: cipherOf(flags) });
  if (flags.json) return print(JSON.stringify(shownOf(revoked)));
  print(`Key ${revoked.id} (${revoked.name}) is revoked.`);
}

export function register(program: Command): void {
  const keys = program
    .command('keys')
    .description('create, list and revoke API keys')
    .addHelpText('after', examples);
  const add = (name: string, description: string) =>
    addEncryptionFlag(keys.command(name))
      .description(description)
      .option('--file <path>', 'file of the keys (DRAWBRIDGE_API_KEYS_FILE)')
      .option('--json', 'print the result as JSON');

  add('create', 'make a key and print it, once')
    .requiredOption('--name <text>', 'what the key is for', parseName)
    .addOption(
      new Option('--tenant <name>', 'tenant the key is bound to (DRAWBRIDGE_TENANT)')
        .argParser(parseTenant)
        .default(process.env.DRAWBRIDGE_TENANT || 'default'),
    )
    .addOption(
      new Option('--scope <list>', `comma list of ${scopes.join(', ')}`)
        .argParser(parseScopes)
        .default([...defaultScopes], defaultScopes.join(',')),
    )
    .action(create);
  add('list', 'list the keys, revoked ones included').action(list);
  add('revoke', 'revoke a key').argument('<id>', 'id of the key').action(revoke);
}
