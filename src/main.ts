import { Command, CommanderError } from 'commander';
import { packageVersion } from './package-root.ts';

type Register = (program: Command) => void;

/** Each command is loaded when it is asked for: `keys list` need not wait for the sandbox's modules. */
const commands: Readonly<Record<string, () => Promise<{ register: Register }>>> = {
  serve: () => import('./cli/serve.ts'),
  init: () => import('./cli/init.ts'),
  test: () => import('./cli/test.ts'),
  run: () => import('./cli/run.ts'),
  record: () => import('./cli/record.ts'),
  check: () => import('./cli/check.ts'),
  shadow: () => import('./cli/shadow.ts'),
  promote: () => import('./cli/promote.ts'),
  keys: () => import('./cli/keys.ts'),
  secrets: () => import('./cli/secrets.ts'),
  demo: () => import('./cli/demo.ts'),
};

const examples = `
Examples:
  $ npx drawbridge demo                            a service with a user store to try
  $ npx drawbridge init ./tenant --template http   lay down a connection to edit
  $ npx drawbridge test                            run its fixture files
  $ npx drawbridge serve --dir ./tenant            serve it
  $ npx drawbridge check acme --dir ./tenant       whether passkeys will work
  $ npx drawbridge run get_user --identifier jane@example.com
  $ npx drawbridge record get_user --identifier jane@example.com --out acme.fixture.yaml
  $ npx drawbridge keys create --file keys.json --name my-auth-server
  $ npx drawbridge secrets encrypt --dir ./tenant  encrypt configuration values in their files

"npx drawbridge help <command>" says more of each.
`;

/** A mistake in how the command was called, as opposed to one in carrying it out. */
const usageExitCode = 2;

async function createProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('drawbridge')
    .description(
      "Runs a tenant's database action scripts so that an auth server can use an existing user store.",
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', examples)
    .showSuggestionAfterError()
    .showHelpAfterError('("npx drawbridge help" lists the commands)')
    .exitOverride();
  const wanted = commands[args[0] ?? ''];
  // All of them for the list that help is; none to say the version.
  const isVersion = args[0] === '--version' || args[0] === '-V';
  const loaders = wanted ? [wanted] : isVersion ? [] : Object.values(commands);
  for (const { register } of await Promise.all(loaders.map((load) => load()))) register(program);
  for (const command of program.commands) pointToHelp(command, `npx drawbridge ${command.name()}`);
  return program;
}

/** After a mistake in how a command was called: where its own options are told. */
function pointToHelp(command: Command, called: string): void {
  command.showHelpAfterError(`("${called} --help" says what it takes)`);
  for (const within of command.commands) pointToHelp(within, `${called} ${within.name()}`);
}

/** Commander has said what is wrong by now. `command.error()` is a failure; the rest is wrong usage. */
function exitCodeOf({ code, exitCode }: CommanderError): number {
  if (exitCode === 0 || code === 'commander.error') return exitCode;
  return usageExitCode;
}

/** Errors whose message is written for the person at the terminal; of the rest the stack is needed. */
const forPeople = new Set([
  'CallServiceError',
  'CheckError',
  'ConfigError',
  'EncryptionKeyError',
  'GuestBuildError',
  'InitError',
  'KeyFileError',
  'ListenError',
  'PromoteError',
  'RunError',
  'SandboxStartError',
  'SecretsError',
  'UsageError',
  'UserHandlesFileError',
]);

const isUsage = new Set(['ConfigError', 'UsageError']);

function report(error: unknown): number {
  if (error instanceof CommanderError) return exitCodeOf(error);
  if (error instanceof Error && forPeople.has(error.name)) {
    process.stderr.write(`error: ${error.message}\n`);
    return isUsage.has(error.name) ? usageExitCode : 1;
  }
  process.stderr.write(`error: ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}

/** Runs one command and sets the exit code: 0 done, 1 failed, 2 called in a wrong way. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    const program = await createProgram(args);
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}
