import { resolve } from 'node:path';
import type { ModuleTable } from '../../sandbox/contract/modules.ts';
import { type Cipher, noCipher } from '../encryption/create-cipher.ts';
import type { ConnectionStore, Problem, StoreChange } from './connection.ts';
import { emptyReading, type Reading, readConnections } from './read-connections.ts';
import { createKeywordReplacer, excludedDatabases } from './replace-keywords.ts';
import { type DirectoryWatch, watchDirectory } from './watch-directory.ts';

/** The part of a pino logger that is used. */
export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface DirectoryStoreOptions {
  /** A directory in auth0-deploy-cli's layout, or with its `tenant.yaml`. */
  root: string;
  /** Where `@@KEY@@` and `##KEY##` come from; also AUTH0_KEYWORD_REPLACE_MAPPINGS and AUTH0_EXCLUDED_DATABASES. */
  env: Readonly<Record<string, string | undefined>>;
  /** Stands in for a value that is not there; without it its marker stays, which breaks most files. */
  placeholder?: ((key: string) => string) | undefined;
  modules: ModuleTable;
  /** Reads configuration values that are encrypted; without it they are mistakes. */
  cipher?: Pick<Cipher, 'decrypt'> | undefined;
  /** Whether changed files are picked up; on unless switched off. */
  watch?: boolean | undefined;
  log?: StoreLog | undefined;
}

/**
 * Serves the connections of a directory. Resolves when all have been read once; what is wrong with some of them is in
 * `problems()`, and a directory that is not there leaves the store empty and not `readable()`. Throws for a variable of
 * deploy-cli that cannot be parsed, naming it.
 */
export async function createDirectoryStore({
  root,
  env,
  placeholder,
  modules,
  cipher = noCipher,
  watch = true,
  log,
}: DirectoryStoreOptions): Promise<ConnectionStore> {
  const settings = {
    root: resolve(root),
    replace: createKeywordReplacer(env, placeholder),
    excluded: excludedDatabases(env),
    modules,
    cipher,
  };
  const listeners: ((change: StoreChange) => void)[] = [];
  let reading: Reading = emptyReading;
  const tell = (change: StoreChange): void => {
    if (log) logChange(log, change);
    for (const listener of listeners) listener(change);
  };
  const read = async (): Promise<void> => {
    const before = reading;
    reading = await readConnections(before, settings);
    for (const change of changesBetween(before, reading)) tell(change);
  };
  const readAgain = oneAtATime(read, (error) => log?.error({ err: error }, 'Connections could not be read'));
  let underWay: Promise<void> | undefined;
  let watcher: DirectoryWatch | undefined;
  if (watch) {
    const readChanged = () => {
      underWay = readAgain();
    };
    const onError = (error: unknown) =>
      log?.error({ err: error }, 'The directory of connections cannot be watched');
    watcher = await watchDirectory(settings.root, readChanged, onError);
  }
  await readAgain();
  return {
    list: () => [...reading.served.values()].map(({ connection }) => connection),
    get: (name) => reading.served.get(name)?.connection,
    problems: () => reading.problems,
    readable: () => reading.readable,
    onChange: (listener) => void listeners.push(listener),
    async close() {
      await watcher?.close();
      await underWay;
    },
  };
}

/** Runs `work`, and once more after the run under way when it is asked for in the meantime. Never rejects. */
function oneAtATime(work: () => Promise<void>, onError: (error: unknown) => void): () => Promise<void> {
  let running: Promise<void> | undefined;
  let again = false;
  const loop = async (): Promise<void> => {
    do {
      again = false;
      await work().catch(onError);
    } while (again);
    running = undefined;
  };
  return () => {
    again = running !== undefined;
    running ??= loop();
    return running;
  };
}

function* changesBetween(before: Reading, after: Reading): Generator<StoreChange> {
  for (const [name, { connection }] of after.served) {
    const known = before.served.get(name)?.connection;
    if (!known) yield { kind: 'added', connection };
    else if (known.version !== connection.version) yield { kind: 'changed', connection };
  }
  for (const [name, { connection }] of before.served) {
    if (!after.served.has(name)) yield { kind: 'removed', connection };
  }
  for (const problem of missingFrom(before.problems, after.problems)) yield { kind: 'problem', problem };
  for (const problem of missingFrom(after.problems, before.problems)) yield { kind: 'solved', problem };
}

/** Those of `problems` that are not among `known`. */
function missingFrom(known: readonly Problem[], problems: readonly Problem[]): Problem[] {
  const keyOf = ({ file, path, message }: Problem) => JSON.stringify([file, path, message]);
  const keys = new Set(known.map(keyOf));
  return problems.filter((problem) => !keys.has(keyOf(problem)));
}

function logChange(log: StoreLog, change: StoreChange): void {
  switch (change.kind) {
    case 'added':
    case 'changed': {
      const { name, version, warnings, scripts } = change.connection;
      log.info({ connection: name, version }, `Connection ${name} was ${change.kind}`);
      for (const warning of [...warnings, ...Object.values(scripts).flatMap((each) => each.warnings)]) {
        log.warn({ connection: name, ...warning }, warning.message);
      }
      return;
    }
    case 'removed':
      return log.info(
        { connection: change.connection.name },
        `Connection ${change.connection.name} was removed`,
      );
    case 'problem': {
      const { file, path, message, keepsLastGood } = change.problem;
      const kept = keepsLastGood ? '; the last good version is still served' : '';
      return log.warn(change.problem, `${file}${path ? ` (${path})` : ''}: ${message}${kept}`);
    }
    case 'solved':
      return log.info(change.problem, `${change.problem.file}: solved`);
    default:
      return change satisfies never;
  }
}
