import { randomBytes } from 'node:crypto';
import type { Connection, Problem } from '../../connections/connection.ts';
import { createDirectoryStore } from '../../connections/directory-store.ts';
import { readTenantSettings } from '../../connections/read-tenant-settings.ts';
import type { Cipher } from '../../encryption/create-cipher.ts';
import { judgeBehaviour, nothingSeen } from '../../passkeys/behaviour/judge-behaviour.ts';
import { observeFixtures } from '../../passkeys/behaviour/observe-fixtures.ts';
import { observeLive, type TestUsers } from '../../passkeys/behaviour/observe-live.ts';
import { checkReadiness, type SeenBehaviour } from '../../passkeys/check-readiness.ts';
import type { ReadinessReport } from '../../passkeys/report.ts';
import { locateGuestBuild } from '../../pool/guest-build.ts';
import { CheckError } from './check-error.ts';
import { type OpenFixtures, openFixtures } from './fixture-behaviour.ts';
import { openLive } from './open-live.ts';

export interface CheckOptions {
  /** The directory of connections. */
  root: string;
  /** Only this one. */
  connection?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  cipher?: Pick<Cipher, 'decrypt'> | undefined;
  budgetMs: number;
  /** Runs the scripts with the store that they really call. */
  live?: { users: Omit<TestUsers, 'unknownIdentifier'> & Partial<TestUsers>; egressAllow: readonly string[] };
  onProgress?: (text: string) => void;
}

export interface Checked {
  reports: ReadinessReport[];
  /** Of connections that cannot be loaded at all. */
  problems: Problem[];
}

/** To read files takes neither their secrets nor the keys of these. */
const leavesAsItIs = { decrypt: (encrypted: string) => encrypted };
const placeholder = (key: string) => `VALUE_OF_${key}`;

/** Throws CheckError for a name that is not there and for what `live` lacks. */
export async function checkConnections(options: CheckOptions): Promise<Checked> {
  const { root, env, cipher, live } = options;
  const guest = await locateGuestBuild(options.onProgress);
  const { modules } = guest;
  const store = await createDirectoryStore({
    root,
    env,
    placeholder,
    modules,
    // With test users the values have to be the real ones, so that a missing key is told.
    cipher: cipher ?? (live ? undefined : leavesAsItIs),
    watch: false,
  });
  await store.close();
  const { connections, problems } = pick(store.list(), store.problems(), options.connection);
  const tenant = await readTenantSettings({ root, env, placeholder });
  await using fixtures = live ? undefined : await openFixtures({ root, modules });
  const seen: { connection: Connection; judge: () => SeenBehaviour }[] = [];
  for (const connection of connections) {
    const judge = live
      ? await seeLive(connection, guest.directory, { ...options, live })
      : await seeFixtures(connection, fixtures!, options);
    seen.push({ connection, judge });
  }
  await fixtures?.settled();
  const reports = seen.map(({ connection, judge }) =>
    checkReadiness({ connection, tenant, modules, behaviour: judge() }),
  );
  return { reports, problems };
}

function pick(connections: readonly Connection[], problems: readonly Problem[], name: string | undefined) {
  const loaded = new Set(connections.map((connection) => connection.name));
  // What is wrong with one script alone is in the report of its connection.
  const whole = problems.filter(({ connection }) => connection === undefined || !loaded.has(connection));
  if (name === undefined) return { connections, problems: whole };
  const chosen = connections.filter((connection) => connection.name === name);
  const ofIt = whole.filter(({ connection }) => connection === name);
  if (chosen.length === 0 && ofIt.length === 0) {
    const others = loaded.size === 0 ? 'none can be loaded' : `there are ${[...loaded].sort().join(', ')}`;
    const reasons = whole.map(({ file, message }) => `\n  ${file === '.' ? '' : `${file}: `}${message}`);
    throw new CheckError(`there is no connection "${name}"; ${others}${reasons.join('')}`);
  }
  return { connections: chosen, problems: ofIt };
}

/** Resolves with what judges it once `settled` has been awaited: for all connections together. */
async function seeFixtures(
  connection: Connection,
  fixtures: OpenFixtures,
  { budgetMs }: CheckOptions,
): Promise<() => SeenBehaviour> {
  const behaviour = fixtures.of(connection);
  if (!behaviour) {
    const reason = fixtures.mistakes ?? 'there are no fixtures beside the scripts; or use --live';
    return () => ({ verdicts: nothingSeen(`nothing was run: ${reason}`) });
  }
  const observations = await observeFixtures(behaviour);
  const signupDisabled = connection.options.disable_signup === true;
  const notes = fixtures.mistakes === undefined ? [] : [fixtures.mistakes];
  const unanswered = fixtures.unanswered(connection).map((name) => JSON.stringify(name));
  if (unanswered.length > 0) {
    notes.push(
      `not judged, because the script made calls that no mock answers: ${unanswered.join(', ')}; "npx drawbridge test" shows which`,
    );
  }
  return () => ({
    verdicts: judgeBehaviour(observations, { from: 'fixtures', budgetMs, signupDisabled }),
    notes,
  });
}

async function seeLive(
  connection: Connection,
  guestDirectory: string,
  { live, env, budgetMs }: CheckOptions & Required<Pick<CheckOptions, 'live'>>,
): Promise<() => SeenBehaviour> {
  const missing = missingMarkers(connection);
  if (missing.length > 0) {
    throw new CheckError(
      `${connection.name} cannot be run: ${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} no value. ` +
        'Set them in the environment, or name a file of them with --env-file',
    );
  }
  const tenant = env.DRAWBRIDGE_TENANT || 'default';
  await using sandbox = openLive({ guestDirectory, tenant, egressAllow: live.egressAllow });
  using scripts = sandbox.scriptsOf(connection);
  const unknownIdentifier = `nobody-${randomBytes(6).toString('hex')}@example.com`;
  const { observations, notes } = await observeLive(scripts, { unknownIdentifier, ...live.users });
  const signupDisabled = connection.options.disable_signup === true;
  return () => ({
    verdicts: judgeBehaviour(observations, { from: 'live', budgetMs, signupDisabled }),
    notes,
  });
}

/** As the messages name them: `@@USER_STORE_URL@@`. */
function missingMarkers({ warnings, scripts }: Connection): string[] {
  const all = [...warnings, ...Object.values(scripts).flatMap((script) => script.warnings)];
  const markers = all.flatMap(({ code, message }) =>
    code === 'unknown_keyword' ? [message.split(' ')[0]!] : [],
  );
  return [...new Set(markers)];
}
