import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { CallOptions } from '../runner/runner.ts';
import type { ActionInputs, ActionResults } from '../scripts/actions.ts';
import { checkScriptOptions } from './check-inputs.ts';
import { writeScriptFiles } from './connection-files.ts';
import { type SandboxOptions, startConnection } from './load-connection.ts';
import type { RunResult } from './run-result.ts';

export interface RunScriptOptions<A extends ActionName> extends SandboxOptions {
  action: A;
  /** The script's text. */
  source: string;
  /** The files that it requires, by their paths beside it: `{ 'lib/hash.js': '…' }`. */
  helpers?: Record<string, string>;
  input: ActionInputs[A];
  /** Of the connection, over these: own database, context object on. */
  connectionOptions?: Record<string, unknown>;
  organization?: CallOptions['organization'];
}

/** Runs one script from its text, in a sandbox of its own: half a second. For more, `loadConnection` once. */
export async function runScript<A extends ActionName>(
  options: RunScriptOptions<A>,
): Promise<RunResult<ActionResults[A]>> {
  checkScriptOptions(options);
  const { action, source, helpers, input, connectionOptions, organization, ...sandbox } = options;
  const files = await writeScriptFiles({ action, source, helpers, connectionOptions });
  const connection = await startConnection(files, sandbox);
  try {
    return await connection.run(action, input, { organization });
  } finally {
    await connection.close();
  }
}
