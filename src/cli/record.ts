import type { Command } from 'commander';
import { RedactionError } from '../fixtures/redact/recording.ts';
import { redactRecording } from '../fixtures/redact/redact-recording.ts';
import { recordingOf } from './record/recording-of.ts';
import { describeSaved, saveRecording } from './record/save-recording.ts';
import { checkTarget } from './record/write-recording.ts';
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

Examples:
  $ npx drawbridge record get_user --identifier jane@example.com --out acme.fixture.yaml
  $ npx drawbridge record login --identifier jane --out acme.fixture.yaml --append --name "wrong password"
  $ npx drawbridge record create --user email=ann@example.com --method passkey --out create.fixture.yaml --json
`;

export interface RecordFlags extends RunFlags {
  out?: string;
  append?: boolean;
  name?: string;
}

/** Answers the exit code. Throws UsageError, RunError and ConfigError. */
export async function recordCommand(
  name: string,
  flags: RecordFlags,
  io: CommandIo = processIo,
  paint: Paint = (_, text) => text,
): Promise<number> {
  const script = parseScriptName(name);
  if (flags.out === undefined) throw new UsageError('say where to write with --out acme.fixture.yaml');
  const target = { out: flags.out, append: flags.append ?? false };
  const organization = parseOrganization(flags.organization);
  const config = configForRun(flags, io.env);
  await checkTarget(target);
  const input = await buildInput(script, flags, { stdin: io.stdin, ask: io.err });
  const connection = await connectionForRun(flags, config, io);
  const sandbox = await sandboxFor(config, io);
  const run = await executeScript(sandbox, { connection, script, input, organization }).finally(() =>
    sandbox.close(),
  );
  const report = reportRun(run);
  if (!flags.json) io.out(describeRun(report, paint));
  const fixture = redactOrRefuse(await recordingOf(run, flags.name));
  const saved = await saveRecording(fixture, connection, target, { config, io });
  io.out(flags.json ? `${JSON.stringify({ run: report, recording: saved })}\n` : `\n${describeSaved(saved)}`);
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
    .argument('<script>', 'get_user, login, signup, …')
    .option('--out <path>', 'the fixture file to write')
    .option('--append', 'add the case to the file that is there')
    .option('--name <text>', 'name of the case');
  addRunFlags(command)
    .addHelpText('after', examples)
    .action(async (script: string, flags: RecordFlags) => {
      process.exitCode = await recordCommand(script, flags, processIo, paintFor(process.stdout));
    });
}
