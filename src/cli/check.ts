import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { type Command, InvalidArgumentError } from 'commander';
import { egressList } from '../config-fields.ts';
import type { TestUsers } from '../passkeys/behaviour/observe-live.ts';
import { CheckError } from './check/check-error.ts';
import { addEncryptionFlag, cipherOf, type EncryptionFlags } from './cipher-of.ts';
import { readPassword } from './read-password.ts';

const examples = `
It reads the connections, the settings of the tenant that lie beside them, and the scripts. With --live it also runs the
scripts with your own user store: it looks up the user of --identifier and somebody who does not exist, and does so
again with the network cut off. It writes nothing, unless --create-identifier names a user to create and to delete.

Examples:
  $ npx drawbridge check --dir ./tenant                  every connection
  $ npx drawbridge check acme --json                     the report as JSON
  $ npx drawbridge check acme --strict                   fails for warnings, too
  $ npx drawbridge check acme --live --identifier jane@example.com --env-file .env
  $ npx drawbridge check acme --live --identifier jane@example.com --password-stdin < password.txt
  $ npx drawbridge check acme --live --create-identifier passkey-test@example.com

Exit codes: 0 ready; 1 not ready, or not to be checked; 2 called in a wrong way.
What the codes mean, and how to ignore one: docs/passkey-readiness.md
`;

interface CheckFlags extends EncryptionFlags {
  dir?: string;
  envFile?: string;
  live?: boolean;
  identifier?: string;
  password?: boolean;
  passwordStdin?: boolean;
  unknownIdentifier?: string;
  createIdentifier?: string;
  egressAllow?: string[];
  budgetMs: number;
  strict?: boolean;
  json?: boolean;
}

/** Flags that say nothing without --live. */
const liveOnly = {
  identifier: '--identifier',
  password: '--password',
  passwordStdin: '--password-stdin',
  unknownIdentifier: '--unknown-identifier',
  createIdentifier: '--create-identifier',
  egressAllow: '--egress-allow',
} as const satisfies Partial<Record<keyof CheckFlags, string>>;

export function register(program: Command): void {
  const command = program
    .command('check')
    .description('say whether passkeys will work on a connection, and what to change')
    .argument('[connection]', 'name of the connection; every one when it is left out');
  addEncryptionFlag(command)
    .option('--dir <path>', 'directory with the connections (DRAWBRIDGE_DIR, default ./tenant)')
    .option('--env-file <path>', 'file of values for the markers; those of the environment come first')
    .option('--live', 'run the scripts with the user store that they really call')
    .option('--identifier <text>', 'with --live: of a user who exists')
    .option('--password', "with --live: ask for that user's password at the terminal, to log in")
    .option('--password-stdin', 'with --live: read that password from standard input')
    .option('--unknown-identifier <text>', 'with --live: of nobody (default: one made at random)')
    .option(
      '--create-identifier <text>',
      'with --live: create a user with it, without a password, and delete it',
    )
    .option(
      '--egress-allow <list>',
      'with --live: what scripts may reach although it is not public (DRAWBRIDGE_EGRESS_ALLOW)',
      readEgressList,
    )
    .option('--budget-ms <number>', 'with --live: what 95 of 100 look-ups may take', readBudget, 1_000)
    .option('--strict', 'fail for warnings, too')
    .option('--json', 'print the reports as JSON')
    .addHelpText('after', examples)
    .action((connection: string | undefined, flags: CheckFlags) => check(command, connection, flags));
}

function readBudget(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Allowed are whole numbers from 1 to 999999, in milliseconds.');
}

function readEgressList(text: string): string[] {
  const parsed = egressList.safeParse(text);
  if (parsed.success) return [...parsed.data];
  throw new InvalidArgumentError('Allowed are host, host:port, CIDR and CIDR:port, separated by commas.');
}

function egressFrom({ DRAWBRIDGE_EGRESS_ALLOW: text = '' }: Readonly<Record<string, string | undefined>>) {
  const parsed = egressList.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CheckError('DRAWBRIDGE_EGRESS_ALLOW is not a list of host, host:port, CIDR and CIDR:port');
}

async function check(command: Command, connection: string | undefined, flags: CheckFlags): Promise<void> {
  refuseWrongUsage(command, connection, flags);
  const env = environment(flags);
  const { checkConnections } = await import('./check/check-connections.ts');
  const { reports, problems } = await checkConnections({
    root: resolve(flags.dir ?? (env.DRAWBRIDGE_DIR || './tenant')),
    connection,
    env,
    cipher: cipherOf(flags),
    budgetMs: flags.budgetMs,
    ...(flags.live
      ? {
          live: {
            users: await testUsers(flags),
            egressAllow: flags.egressAllow ?? egressFrom(env),
          },
        }
      : {}),
    onProgress: (text) => process.stderr.write(`${text}\n`),
  });
  if (reports.length === 0 && problems.length === 0) throw new CheckError('the directory has no connection');
  const ready = problems.length === 0 && reports.every((report) => report.ready);
  if (flags.json) {
    process.stdout.write(
      `${JSON.stringify({ ready, connections: reports, problems: problems.map(shown) })}\n`,
    );
  } else {
    const { readinessSummary, readinessText } = await import('./check/readiness-text.ts');
    const { problemLine } = await import('../report-findings.ts');
    const parts = [
      ...reports.map(readinessText),
      ...problems.map((each) => `Problem: ${problemLine(each)}\n`),
      ...(reports.length > 1 ? [readinessSummary(reports)] : []),
    ];
    process.stdout.write(parts.join('\n'));
  }
  const warned = flags.strict && reports.some(({ counts }) => counts.warnings > 0);
  if (!ready || warned) process.exitCode = 1;
}

const shown = <P extends { file: string; path: string; message: string; connection?: string }>({
  file,
  path,
  message,
  connection,
}: P) => ({ file, path, message, connection });

function refuseWrongUsage(command: Command, connection: string | undefined, flags: CheckFlags): void {
  const refuse = (message: string) =>
    command.error(`error: ${message}`, { code: 'check.usage', exitCode: 2 });
  if (!flags.live) {
    const needless = Object.entries(liveOnly).find(([key]) => flags[key as keyof CheckFlags] !== undefined);
    if (needless) refuse(`${needless[1]} needs --live`);
    return;
  }
  if (connection === undefined) refuse('--live needs the name of the connection');
  if (flags.identifier === undefined && flags.createIdentifier === undefined) {
    refuse('--live needs --identifier of a user who exists, or --create-identifier of one to create');
  }
  if (flags.password && flags.passwordStdin) refuse('give --password or --password-stdin, not both');
  if ((flags.password || flags.passwordStdin) && flags.identifier === undefined) {
    refuse('a password needs --identifier: whose it is');
  }
}

/** The environment wins over the file, as with Node's own --env-file. */
function environment({ envFile }: CheckFlags): Readonly<Record<string, string | undefined>> {
  if (envFile === undefined) return process.env;
  try {
    return { ...parseEnv(readFileSync(envFile, 'utf8')), ...process.env };
  } catch (error) {
    throw new CheckError(`${envFile} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function testUsers(
  flags: CheckFlags,
): Promise<Omit<TestUsers, 'unknownIdentifier'> & Partial<TestUsers>> {
  const { identifier, unknownIdentifier, createIdentifier } = flags;
  const terminal = { stdin: process.stdin, ask: (text: string) => void process.stderr.write(text) };
  const password =
    flags.passwordStdin || flags.password
      ? await readPassword(terminal, `password of ${identifier}`, flags.passwordStdin)
      : undefined;
  return {
    identifier,
    password,
    createIdentifier,
    ...(unknownIdentifier === undefined ? {} : { unknownIdentifier }),
  };
}
