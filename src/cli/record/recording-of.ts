import bcrypt from 'bcrypt';
import type { RecordedOutcome, Recording } from '../../fixtures/redact/recording.ts';
import { passwordPlaceholder } from '../../fixtures/redact/recording.ts';
import { secretInputs } from '../../masking/secret-inputs.ts';
import { sourcesOf } from '../../runner/recordings.ts';
import type { RunResult } from '../../testkit/run-result.ts';
import type { ScriptRun } from '../run/execute-script.ts';

const BCRYPT = /\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}/g;
/** A hash of a higher cost takes seconds to check. */
const COST_MAX = 14;
const HASHES_MAX = 16;

interface RecordingOptions {
  /** As the author has it. */
  name: string | undefined;
  firstPassword: number;
}

/** What was run, ready to be redacted. */
export async function recordingOf(
  run: ScriptRun,
  { name, firstPassword }: RecordingOptions,
): Promise<Recording> {
  const outcome = outcomeOf(run.result);
  return {
    name: name ?? defaultName(outcome),
    isNamed: name !== undefined,
    firstPassword,
    connection: run.connection.name,
    script: run.script,
    input: run.input,
    ...(run.organization ? { organization: { ...run.organization } } : {}),
    configuration: run.connection.definition.configuration,
    exchanges: run.exchanges,
    outcome,
    sources: sourcesOf(run.connection),
    hashes: await placeholderHashes(run, passwordPlaceholder(firstPassword)),
  };
}

export function outcomeOf(result: RunResult<object>): RecordedOutcome {
  if (result.ok) return { ok: true, result: result.result };
  const { code, scriptCode, logCode, issues } = result;
  return { ok: false, code, scriptCode, logCode, issues: issues.map((issue) => issue.code) };
}

/** Reports put the script before it. */
function defaultName(outcome: RecordedOutcome): string {
  if (!outcome.ok) return `ends with ${outcome.code}`;
  const { found } = outcome.result as { found?: boolean };
  if (found === undefined) return 'succeeds';
  return found ? 'finds the user' : 'finds nobody';
}

/** For each bcrypt hash that an upstream answers: one of the placeholder where it fits the password, else of nothing. */
async function placeholderHashes(
  { script, input, exchanges }: ScriptRun,
  placeholder: string,
): Promise<Map<string, string>> {
  const { passwords } = secretInputs(script === 'signup' ? 'create' : script, input);
  const hashes = new Map<string, string>();
  const found = exchanges.flatMap((exchange) => {
    if (exchange.kind !== 'http' || !exchange.response) return [];
    const text = Buffer.from(exchange.response.body.base64, 'base64').toString('latin1');
    return [...text.matchAll(BCRYPT)].filter(([, cost]) => Number(cost) <= COST_MAX).map(([hash]) => hash);
  });
  for (const hash of [...new Set(found)].slice(0, HASHES_MAX)) {
    const fits = await anyFits(passwords, hash);
    hashes.set(hash, await bcrypt.hash(fits ? placeholder : 'another password', 4));
  }
  return hashes;
}

async function anyFits(passwords: readonly string[], hash: string): Promise<boolean> {
  // PHP's spelling of the same.
  const comparable = hash.replace(/^\$2[axy]\$/, '$2b$');
  for (const password of passwords) if (await bcrypt.compare(password, comparable)) return true;
  return false;
}
