import { createHash } from 'node:crypto';
import type { ActionName } from '../../../sandbox/contract/actions.ts';
import type { Connection } from '../../connections/connection.ts';
import type { SuiteCase } from './load-suite.ts';
import { scriptsOf } from './scripts-of.ts';

/**
 * What a case depends on, as a digest: it changes with its fixture, with the scripts that it runs, with the helper files
 * that these require, and with what database.json says for all.
 */
export function fingerprint({ fixtureCase, connection, digest }: SuiteCase): string {
  const { file, name, script } = fixtureCase;
  const scripts = scriptsOf(script).map((action) => scriptFingerprint(connection, action));
  const text = JSON.stringify([connection.name, file, name, digest, whole(connection), scripts]);
  return createHash('sha256').update(text).digest('base64');
}

function whole({ options, definition }: Connection): unknown {
  return [options, definition.configuration];
}

function scriptFingerprint({ scripts, definition }: Connection, action: ActionName): unknown {
  const loaded = scripts[action];
  const source = definition.scripts.find((script) => script.action === action)?.source;
  return [source, loaded?.sha256, loaded?.helpers, loaded?.problem];
}

/** Those that are new or depend on something that has changed since `before`. */
export function touchedCases(
  before: Pick<ReadonlySet<string>, 'has'>,
  cases: readonly SuiteCase[],
): SuiteCase[] {
  return cases.filter((each) => !before.has(fingerprint(each)));
}
