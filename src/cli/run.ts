import type { Command } from 'commander';
import { buildInput, parseOrganization, parseScriptName } from './run/build-input.ts';
import { describeRun, type Paint, paintFor } from './run/describe-run.ts';
import { executeScript } from './run/execute-script.ts';
import { type CommandIo, configForRun, connectionForRun, processIo, sandboxFor } from './run/load-for-run.ts';
import { addRunFlags, type RunFlags } from './run/run-flags.ts';
import { reportRun } from './run/run-report.ts';

const examples = `
Runs one script as the service would: in a sandbox process, with the service's limits, egress rules and rules for
profiles, against the real user store. Markers get their values from the environment. A password is asked for on the
terminal, or read from standard input; it is never an argument. Configuration values and passwords are not shown.

Scripts: login, get_user, create, signup, verify, delete, change_password, change_email, change_username,
change_phone_number. Exit code 0: the script answered, "no such user" included; 1: it failed or refused; 2: wrong usage.

Examples:
  $ npx drawbridge run get_user --identifier jane@example.com
  $ npx drawbridge run get-user --user-id 42 --connection acme --dir ./tenant
  $ npx drawbridge run login --identifier jane@example.com                       asks for the password
  $ printf %s "$PASSWORD" | npx drawbridge run login --identifier jane --password-stdin
  $ npx drawbridge run signup --user email=ann@example.com user_metadata.plan=pro --method passkey
  $ npx drawbridge run change_email --input '{"email":"a@example.com","new_email":"b@example.com","verified":true}'
  $ npx drawbridge run get_user --identifier jane --egress-allow localhost:5432 --json
`;

/** Answers the exit code. Throws UsageError, RunError and ConfigError. */
export async function runCommand(
  name: string,
  flags: RunFlags,
  io: CommandIo = processIo,
  paint: Paint = (_, text) => text,
): Promise<number> {
  const script = parseScriptName(name);
  const organization = parseOrganization(flags.organization);
  const config = configForRun(flags, io.env);
  const input = await buildInput(script, flags, { stdin: io.stdin, ask: io.err });
  const connection = await connectionForRun(flags, config, io);
  const sandbox = await sandboxFor(config, io);
  try {
    const run = await executeScript(sandbox, { connection, script, input, organization });
    const report = reportRun(run);
    io.out(flags.json ? `${JSON.stringify(report)}\n` : describeRun(report, paint, flags));
    return report.ok ? 0 : 1;
  } finally {
    await sandbox.close();
  }
}

export function register(program: Command): void {
  const command = program
    .command('run')
    .description('run one script against the real user store and show everything about it')
    .argument('<script>', 'get_user, login, signup, …');
  addRunFlags(command)
    .addHelpText('after', examples)
    .action(async (script: string, flags: RunFlags) => {
      process.exitCode = await runCommand(script, flags, processIo, paintFor(process.stdout));
    });
}
