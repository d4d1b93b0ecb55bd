import type { Exchange } from '../../sandbox/contract/exchange.ts';
import type { Connection } from '../connections/connection.ts';
import type { ErrorCode } from '../errors.ts';
import type { ScriptName } from '../fixtures/fixture-schema.ts';
import { type RedactedFixture, RedactionError } from '../fixtures/redact/recording.ts';
import { redactRecording } from '../fixtures/redact/redact-recording.ts';
import type { ObservedScript, ObserveScript, ObserveSignup, ScriptObserver } from './script-observer.ts';

/** A failed execution that was recorded. */
export interface KeptRecording {
  id: string;
  connection: string;
  script: string;
  code: ErrorCode;
  /** ISO 8601 */
  at: string;
  /** Redacted; absent where it could not be made, for the reason `problem`. */
  fixture?: RedactedFixture;
  problem?: string;
}

/** The last failed executions of connections with `options.recording`, in memory alone. */
export interface Recordings {
  /** For the runner. */
  observe: ObserveScript;
  /** For the runner: keeps a failed signup of which no script has failed by itself. */
  observeSignup: ObserveSignup;
  /** The newest first. */
  list(connection: string): KeptRecording[];
  get(connection: string, execution: string): KeptRecording | undefined;
}

const MOST = 100;
const MOST_BYTES = 8 * 1024 * 1024;
/** Redaction is on the service's own thread: an author who fails on purpose may not hold it up. */
const REDACTION_MS = 100;
const PAUSE_MS = 1_000;
/** What takes longer is followed by a rest, so that many connections together have a fifth of the thread at most. */
const CHEAP_MS = 20;
const REST_FACTOR = 4;
const EXCHANGE_BYTES = 128 * 1024;

/** Failures of the script; a wrong password or a taken identifier is an answer. */
const recorded: ReadonlySet<ErrorCode | 'ok'> = new Set<ErrorCode>([
  'script_error',
  'script_timeout',
  'script_no_callback',
  'script_out_of_memory',
  'result_too_large',
  'invalid_profile',
  'user_id_mismatch',
  'identifier_mismatch',
]);

type ObservedRun = Omit<ObservedScript, 'script'> & { script: ScriptName };

interface Kept {
  recording: Omit<KeptRecording, 'fixture'>;
  /** As text, whose size is known. */
  fixture: string | undefined;
  bytes: number;
}

/** What is kept is redacted when the script ends; nothing of the execution itself is left after that. */
export function createRecordings(now: () => number = Date.now): Recordings {
  const kept = new Map<string, Kept>();
  const lastOf = new Map<string, number>();
  let restUntil = 0;
  let bytes = 0;

  function keep(recording: Kept['recording'], fixture: string | undefined): void {
    const entry = { recording, fixture, bytes: (fixture?.length ?? 0) + 512 };
    if (entry.bytes > MOST_BYTES) return;
    drop(recording.id);
    kept.set(recording.id, entry);
    bytes += entry.bytes;
    for (const id of kept.keys()) {
      if (kept.size <= MOST && bytes <= MOST_BYTES) return;
      drop(id);
    }
  }

  function drop(id: string): void {
    bytes -= kept.get(id)?.bytes ?? 0;
    kept.delete(id);
  }

  function mayRecord(connection: string): boolean {
    const at = now();
    if (at - (lastOf.get(connection) ?? Number.NEGATIVE_INFINITY) < PAUSE_MS) return false;
    lastOf.set(connection, at);
    return true;
  }

  function record(script: ObservedRun, exchanges: readonly Exchange[], code: ErrorCode, failure: Failure) {
    const { connection, execution: id } = script;
    const begun = performance.now();
    // Of a signup whose script has failed: the script alone is the smaller case.
    if (script.script === 'signup' && kept.has(id)) return;
    if (now() < restUntil || !mayRecord(connection.name)) return;
    const recording = { id, connection: connection.name, script: script.script, code, at: isoOf(now()) };
    try {
      keep(recording, JSON.stringify(redact(script, exchanges, code, failure)));
    } catch (error) {
      // An upstream that nests its answer ten thousand levels deep is not to change what the caller gets.
      const problem = error instanceof RedactionError ? error.message : 'it cannot be redacted';
      keep({ ...recording, problem }, undefined);
    } finally {
      const took = performance.now() - begun;
      if (took > CHEAP_MS) restUntil = now() + took * REST_FACTOR;
    }
  }

  function observe(script: ObservedRun): ScriptObserver | undefined {
    if (script.connection.options.recording !== true) return undefined;
    const exchanges = createBoundedList();
    return {
      onExchange: exchanges.add,
      onEnd({ code, error }) {
        if (code !== 'ok' && recorded.has(code)) record(script, exchanges.all(), code, error?.details ?? {});
      },
    };
  }

  return {
    observe,
    observeSignup: (signup) => observe({ ...signup, script: 'signup' }),
    list: (connection) =>
      [...kept.values()]
        .filter(({ recording }) => recording.connection === connection)
        .map(({ recording }) => recording)
        .reverse(),
    get(connection, execution) {
      const found = kept.get(execution);
      if (found?.recording.connection !== connection) return undefined;
      if (found.fixture === undefined) return found.recording;
      return { ...found.recording, fixture: JSON.parse(found.fixture) as RedactedFixture };
    },
  };
}

interface Failure {
  issues?: readonly { code: string }[];
  scriptCode?: string;
  logCode?: string;
}

function redact(
  { connection, script, input, organization }: ObservedRun,
  exchanges: readonly Exchange[],
  code: ErrorCode,
  { issues = [], scriptCode, logCode }: Failure,
): RedactedFixture {
  const { fixture } = redactRecording({
    name: `ends with ${code}`,
    connection: connection.name,
    script,
    input: input as Record<string, unknown>,
    ...(organization ? { organization: { ...organization } } : {}),
    configuration: connection.definition.configuration,
    exchanges,
    outcome: { ok: false, code, scriptCode, logCode, issues: issues.map((issue) => issue.code) },
    sources: sourcesOf(connection),
    budgetMs: REDACTION_MS,
  });
  return fixture;
}

const sources = new WeakMap<Connection, string[]>();

/** The same list for the same version: what is read of it is kept by it. */
export function sourcesOf(connection: Connection): string[] {
  const known = sources.get(connection);
  if (known) return known;
  const { scripts, helperSets = [] } = connection.definition;
  const found = [...scripts, ...helperSets.flat()].map(({ source }) => source);
  sources.set(connection, found);
  return found;
}

/** A sandbox process that a script has broken out into may say more than it was asked to. */
function createBoundedList() {
  const list: Exchange[] = [];
  let bytes = 0;
  return {
    add(exchange: Exchange): void {
      bytes += sizeOf(exchange);
      if (bytes <= EXCHANGE_BYTES) list.push(exchange);
      else if (list.at(-1)?.kind !== 'more') list.push({ kind: 'more' });
    },
    all: (): readonly Exchange[] => list,
  };
}

function sizeOf(exchange: Exchange): number {
  if (exchange.kind !== 'http') return 512;
  const { url, body, headers, response } = exchange;
  const texts = [...headers, ...(response?.headers ?? [])].reduce((sum, text) => sum + text.length, 0);
  return 512 + url.length + texts + body.base64.length + (response?.body.base64.length ?? 0);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
