import { createHash } from 'node:crypto';
import type { Connection } from '../connections/connection.ts';
import type { CaseFailure } from '../fixtures/case-failure.ts';
import { caseFailures } from '../fixtures/case-failures.ts';
import { checkExpectation } from '../fixtures/check-expectation.ts';
import { findMarkers, isMarker } from '../fixtures/find-markers.ts';
import type { ReadyCase } from '../fixtures/fixture-case.ts';
import { type CallRecord, createMockExchange } from '../fixtures/mock-exchange.ts';
import type { OutageSeen } from '../fixtures/outage-taken.ts';
import { createMask, type Mask } from '../masking/mask-secrets.ts';
import type { ActionInputs } from '../scripts/actions.ts';
import type { SandboxRunOptions, TestSandbox } from './open-sandbox.ts';
import { type AnswerOverride, performByMocks } from './perform-mocks.ts';
import { performUpstream } from './perform-upstream.ts';
import { isPlainUrl } from './plain-values.ts';
import type { RunResult } from './run-result.ts';

export interface CaseRun {
  result: RunResult<unknown>;
  /** Empty when the case has passed. */
  failures: CaseFailure[];
  /** The HTTP calls of the script, in their order. */
  calls: readonly CallRecord[];
  durationMs: number;
}

export interface RunCaseOptions {
  /** In place of what every mock would answer: `{ status: 503 }`, `{ error: 'ECONNREFUSED' }`. */
  override?: AnswerOverride;
  /** Hears what the script says beside its outcome. */
  onEvent?: SandboxRunOptions['onEvent'];
}

/**
 * Runs one case of a fixture file: in a context of its own, with its mocks for HTTP. Its `network: allow` lets calls
 * without a mock out; sockets go where the sandbox was told that they may.
 */
export async function runFixtureCase(
  sandbox: TestSandbox,
  connection: Connection,
  fixtureCase: ReadyCase,
  { override, onEvent }: RunCaseOptions = {},
): Promise<CaseRun> {
  const { script, input, organization, configuration, network, expect, http, file, mockLines } = fixtureCase;
  const exchange = createMockExchange({
    mocks: http,
    placeOf: (index) => `${file}:${mockLines[index]}`,
    mayGoOut: network === 'allow',
  });
  const blocked: string[] = [];
  const options: SandboxRunOptions = {
    ...(organization ? { organization } : {}),
    perform: performByMocks({
      exchange,
      override,
      goOut: network === 'allow' ? performUpstream : undefined,
    }),
    onEvent(event) {
      if (event.code === 'egress_blocked') blocked.push(event.text);
      onEvent?.(event);
    },
  };
  const fresh = inFreshContexts(connection, configuration);
  const begun = performance.now();
  const result: RunResult<unknown> =
    script === 'signup'
      ? await sandbox.signup(fresh, input as ActionInputs['create'], options)
      : await sandbox.run(fresh, script, input as never, options);
  const durationMs = performance.now() - begun;
  const failures = caseFailures({
    traffic: [...exchange.failures(), ...blocked.map(blockedSocket)],
    outcome: checkExpectation(expect, result, outageIn(exchange.calls, connection, fixtureCase)),
    markers: findMarkers(fresh.definition.configuration, sourcesOf(fresh, script)),
  });
  const mask = createMask(secretsOf(connection, fixtureCase));
  return {
    result,
    failures: failures.map((failure) => masked(failure, mask)),
    calls: exchange.calls.map((call) => ({ ...call, url: mask(call.url) })),
    durationMs,
  };
}

function blockedSocket(text: string): CaseFailure {
  return {
    kind: 'network',
    message: `the script opened a connection that a test may not open: ${text}`,
    details: [],
    advice:
      'for HTTP add a mock; for a database write "network: allow" into the case or its file, and name the server: "npx drawbridge test --egress-allow 127.0.0.1:5432"',
  };
}

/** The last answer of a mock that is an outage. */
function outageIn(
  calls: readonly CallRecord[],
  { scripts }: Connection,
  { script, http }: ReadyCase,
): OutageSeen | undefined {
  const answers = calls.flatMap(({ mock }) => (mock === undefined ? [] : [http[mock]!.response]));
  const last = answers.findLast(({ status, error }) => error !== undefined || status >= 500);
  if (!last) return undefined;
  const answer =
    last.error === undefined ? `the store answered ${last.status}` : `the call failed with ${last.error}`;
  return { answer, script, file: script === 'signup' ? undefined : scripts[script]?.file };
}

/** Of the script and the helper files; of a signup of all scripts. */
function sourcesOf({ definition }: Connection, script: ReadyCase['script']): string[] {
  const scripts = definition.scripts.filter(({ action }) => script === 'signup' || action === script);
  return [...scripts, ...(definition.helperSets ?? []).flat()].map(({ source }) => source);
}

/** Lets go of what sandboxes keep for a connection whose files have changed. */
export function forgetConnection(sandboxes: readonly TestSandbox[], connection: Connection): void {
  const versions = [...(prepared.get(connection)?.values() ?? [])];
  for (const sandbox of sandboxes) for (const version of versions) sandbox.forget(version);
  prepared.delete(connection);
}

const prepared = new WeakMap<Connection, Map<string, Connection>>();

/** The connection with these values, and a fresh context for each execution. The same for the same values. */
function inFreshContexts(connection: Connection, configuration: Record<string, string>): Connection {
  const known = prepared.get(connection) ?? new Map<string, Connection>();
  prepared.set(connection, known);
  const key = createHash('sha256')
    .update(JSON.stringify(Object.entries(configuration).sort()))
    .digest('hex');
  const made = known.get(key) ?? withValues(connection, configuration, key);
  known.set(key, made);
  return made;
}

function withValues(connection: Connection, configuration: Record<string, string>, key: string): Connection {
  const merged = { ...connection.definition.configuration, ...configuration };
  const version = `${connection.version}+${key.slice(0, 16)}`;
  return {
    ...connection,
    version,
    configurationKeys: Object.keys(merged),
    definition: { ...connection.definition, version, isolation: 'execution', configuration: merged },
  };
}

/** Values of the connection's own files; what the case states itself is no secret. */
function secretsOf({ definition }: Connection, fixtureCase: ReadyCase): Record<string, string> {
  const stated = JSON.stringify(fixtureCase);
  const own = Object.entries(definition.configuration).filter(
    ([key, value]) =>
      !Object.hasOwn(fixtureCase.configuration, key) &&
      !isMarker(value) &&
      !isPlainUrl(value) &&
      !stated.includes(value),
  );
  return Object.fromEntries(own);
}

function masked({ message, details, advice, ...rest }: CaseFailure, mask: Mask): CaseFailure {
  return {
    ...rest,
    message: mask(message),
    details: details.map(mask),
    ...(advice === undefined ? {} : { advice: mask(advice) }),
  };
}
