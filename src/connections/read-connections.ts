import type { Problem } from './connection.ts';
import {
  type LoadResult,
  type LoadSettings,
  loadConnection,
  type ServedConnection,
} from './load-connection.ts';
import { type ConnectionSource, type FailedSource, readSources } from './read-sources.ts';

/** What is served, by name, and what is wrong. */
export interface Reading {
  served: ReadonlyMap<string, ServedConnection>;
  problems: Problem[];
  readable: boolean;
}

export const emptyReading: Reading = { served: new Map(), problems: [], readable: false };

/** Reads the whole directory again; what cannot be read now is kept from the reading before. */
export async function readConnections(
  before: Reading,
  settings: LoadSettings & { excluded: ReadonlySet<string> },
): Promise<Reading> {
  const sources = await readSources(settings.root, settings.replace);
  if (!sources) return { served: before.served, readable: false, problems: [missingRoot(before)] };
  const served = new Map<string, ServedConnection>();
  const problems: Problem[] = [];
  const byKey = new Map([...before.served.values()].map((each) => [each.key, each]));
  const serve = (candidate: ServedConnection): void => {
    const { name } = candidate.connection;
    if (settings.excluded.has(name)) return;
    const other = served.get(name);
    if (other) problems.push(duplicate(candidate, other));
    else served.set(name, candidate);
  };
  for (const source of sources.connections) {
    const previous = byKey.get(source.key);
    const loaded = await loadConnection(source, previous, settings).catch((error: unknown) =>
      failedLoad(source, previous, error),
    );
    const name = loaded.served?.connection.name ?? loaded.problems[0]?.connection;
    if (name !== undefined && settings.excluded.has(name)) continue;
    problems.push(...loaded.problems);
    const candidate = loaded.served ?? previous;
    if (candidate) serve(candidate);
  }
  for (const failure of sources.failures) {
    const kept = [...before.served.values()].filter(({ key }) => belongsTo(key, failure));
    kept.forEach(serve);
    problems.push(failedProblem(failure, kept));
  }
  return { served, problems, readable: true };
}

/** A fault of ours, which the other connections are not to suffer from. */
function failedLoad(
  { file, path, value }: ConnectionSource,
  previous: ServedConnection | undefined,
  error: unknown,
): LoadResult {
  const name = previous?.connection.name ?? (value as { name?: unknown } | null)?.name;
  const type = error instanceof Error ? error.name : typeof error;
  const message = `The service failed to load the connection (${type})`;
  const named = typeof name === 'string' ? { connection: name } : {};
  return { problems: [{ file, path, message, ...named, keepsLastGood: previous !== undefined }] };
}

function belongsTo(key: string, failure: FailedSource): boolean {
  return key === failure.key || key.startsWith(`${failure.key}#`);
}

function failedProblem(failure: FailedSource, kept: readonly ServedConnection[]): Problem {
  const { file, path, message } = failure;
  const name = kept.length === 1 ? kept[0]?.connection.name : failure.name;
  return {
    file,
    path,
    message,
    ...(name === undefined ? {} : { connection: name }),
    keepsLastGood: kept.length > 0,
  };
}

function duplicate({ file, connection: { name } }: ServedConnection, other: ServedConnection): Problem {
  const message = `The name ${name} is taken by the connection in ${other.file}, which is served`;
  return { file, path: 'name', message, connection: name, keepsLastGood: false };
}

function missingRoot(before: Reading): Problem {
  const message = 'The directory of connections does not exist or cannot be read';
  return { file: '.', path: '', message, keepsLastGood: before.served.size > 0 };
}
