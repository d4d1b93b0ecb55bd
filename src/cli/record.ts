import type { Command } from 'commander';
import { RedactionError } from '../fixtures/redact/recording.ts';
import { redactRecording } from '../fixtures/redact/redact-recording.ts';
import { fetchRecording } from './record/fetch-recording.ts';
import { recordingOf } from './record/recording-of.ts';
import { describeSaved, saveRecording } from './record/save-recording.ts';
import { checkTarget, withPasswordsFrom } from './record/write-recording.ts';
import { buildInput, parseOrganization, parseScriptName } from './run/build-input.ts';
import { describeRun, type Paint, paintFor } from './run/describe-run.ts';
import { RunError, UsageError } from './run/errors.ts';
import { executeScript } from './run/execute-script.ts';
import { type CommandIo, configForRun, connectionForRun, processIo, sandboxFor } from './run/load-for-run.ts';
import { addRunFlags, type RunFlags } from './run/run-flags.ts';
import { reportRun } from './run/run-report.ts';

const examples = `
Runs one script as "drawbridge run" does and makes a case for "drawbridge test" of it: what the user store answered
become mocks, how it ended becomes what is expected. Configuration values, passwords, tokens and personal data are
replaced, the same by the same (docs/recording.md has the rules). The file is replayed at once: exit code 0 says that it
ends as the run did, whether that was a success or not; 1 that it does not, or could not be made.

With --from-execution it runs nothing against the user store: it fetches what a service has kept of a failed execution
of a connection with "recording": true, and says whether the scripts of --dir fail in the same way.

Examples:
  $ npx drawbridge record get_user --identifier jane@example.com --out acme.fixture.yaml
  $ npx drawbridge record login --identifier jane --out acme.fixture.yaml --append --name "wrong password"
  $ DRAWBRIDGE_API_KEY=… npx drawbridge record --from-execution exec_0b9a… --url http://127.0.0.1:3000
  $ npx drawbridge record create --user email=ann@example.com --method passkey --out create.fixture.yaml --json
`;

export interface RecordFlags extends RunFlags {
  out?: string;
  append?: boolean;
  name?: string;
  fromExecution?: string;
  url?: string;
}

/** Answers the exit code. Throws UsageError, RunError and ConfigError. */
export async function recordCommand(
  name: string | undefined,
  flags: RecordFlags,
  io: CommandIo = processIo,
  paint: Paint = (_, text) => text,
): Promise<number> {
  if (flags.fromExecution !== undefined) return recordExecution(name, flags.fromExecution, flags, io);
  if (name === undefined)
    throw new UsageError('say which script, or which failed execution with --from-execution');
  const script = parseScriptName(name);
  if (flags.out === undefined) throw new UsageError('say where to write with --out acme.fixture.yaml');
  const target = { out: flags.out, append: flags.append ?? false };
  const organization = parseOrganization(flags.organization);
  const config = configForRun(flags, io.env);
  const { firstPassword } = await checkTarget(target);
  const input = await buildInput(script, flags, { stdin: io.stdin, ask: io.err });
  const connection = await connectionForRun(flags, config, io);
  const sandbox = await sandboxFor(config, io);
  const run = await executeScript(sandbox, { connection, script, input, organization }).finally(() =>
    sandbox.close(),
  );
  const report = reportRun(run);
  if (!flags.json) io.out(describeRun(report, paint, flags));
  const { fixture, keptNumbers } = redactOrRefuse(
    await recordingOf(run, { name: flags.name, firstPassword }),
  );
  const saved = { ...(await saveRecording(fixture, connection, target, { config, io })), keptNumbers };
  io.out(flags.json ? `${JSON.stringify({ run: report, recording: saved })}\n` : `\n${describeSaved(saved)}`);
  return saved.same ? 0 : 1;
}

async function recordExecution(
  script: string | undefined,
  execution: string,
  flags: RecordFlags,
  io: CommandIo,
): Promise<number> {
  if (script !== undefined)
    throw new UsageError('--from-execution takes no script: it is the one that failed');
  if (flags.url === undefined) throw new UsageError('say which service with --url http://127.0.0.1:3000');
  const config = configForRun(flags, io.env);
  const connection = await connectionForRun(flags, config, io, 'replay');
  const out = flags.out ?? `${connection.name}.${execution}.fixture.yaml`;
  const target = { out, append: flags.append ?? false };
  const { firstPassword } = await checkTarget(target);
  const place = { url: flags.url, connection: connection.name, execution };
  // An empty variable is a secret that did not arrive: it is sent as none, and the service says so.
  const fetched = await fetchRecording({ ...place, apiKey: io.env.DRAWBRIDGE_API_KEY || undefined });
  const fixture = withPasswordsFrom(fetched, firstPassword);
  if (flags.name !== undefined) fixture.cases[0].name = flags.name;
  const saved = await saveRecording(fixture, connection, target, { config, io });
  io.out(flags.json ? `${JSON.stringify({ recording: saved })}\n` : describeSaved(saved));
  return saved.same ? 0 : 1;
}

function redactOrRefuse(recording: Parameters<typeof redactRecording>[0]) {
  try {
    return redactRecording(recording);
  } catch (error) {
    if (!(error instanceof RedactionError)) throw error;
    throw new RunError(`this run cannot be made a fixture: ${error.message}`);
  }
}

export function register(program: Command): void {
  const command = program
    .command('record')
    .description('run one script against the real user store and make a fixture file of it')
    .argument('[script]', 'get_user, login, signup, …')
    .option('--from-execution <id>', 'instead of a run: a failed execution that a service has recorded')
    .option('--url <url>', 'the service that has it; its API key comes from DRAWBRIDGE_API_KEY')
    .option('--out <path>', 'the fixture file to write')
    .option('--append', 'add the case to the file that is there')
    .option('--name <text>', 'name of the case');
  addRunFlags(command)
    .addHelpText('after', examples)
    .action(async (script: string | undefined, flags: RecordFlags) => {
      process.exitCode = await recordCommand(script, flags, processIo, paintFor(process.stdout));
    });
}
