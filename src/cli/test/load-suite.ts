import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionNames } from '../../../sandbox/contract/actions.ts';
import type { ModuleTable } from '../../../sandbox/contract/modules.ts';
import type { Connection } from '../../connections/connection.ts';
import type { CaseFailure } from '../../fixtures/case-failure.ts';
import { checkTargets, type Targets } from '../../fixtures/check-targets.ts';
import type { ReadyCase } from '../../fixtures/fixture-case.ts';
import type { Mistake } from '../../fixtures/mistake.ts';
import { type ParseResult, parseFixture } from '../../fixtures/parse-fixture.ts';
import { type ConnectionsRead, readAllConnections } from '../../testkit/read-connections.ts';
import { brokenScript } from './broken-script.ts';
import type { FixtureFile } from './find-fixtures.ts';

/** A case with the connection that it is run on. */
export interface SuiteCase {
  fixtureCase: ReadyCase;
  connection: Connection;
  path: string;
  /** Of the fixture file's text. */
  digest: string;
  /** Set when the case cannot be run, as its script cannot. */
  broken?: CaseFailure | undefined;
}

export interface Suite {
  cases: SuiteCase[];
  mistakes: Mistake[];
  /** Where the files of each connection lie. */
  folders: Map<string, string>;
}

export type SuiteLoader = (files: readonly FixtureFile[]) => Promise<Suite>;

/** Loads fixture files with their connections; what has not changed since the last time is not parsed again. */
export function createSuiteLoader(modules: ModuleTable, env: NodeJS.ProcessEnv): SuiteLoader {
  const parsed = new Map<string, { digest: string; result: ParseResult }>();

  function parse({ path, shown }: FixtureFile): ParseResult {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      const message = `cannot be read (${(error as NodeJS.ErrnoException).code})`;
      return { mistakes: [{ file: shown, line: 1, column: 1, path: '', message }] };
    }
    const digest = createHash('sha256').update(text).digest('base64');
    const known = parsed.get(path);
    if (known?.digest === digest) return known.result;
    const result = parseFixture(shown, text);
    parsed.set(path, { digest, result });
    return result;
  }

  /** Throws nothing for what is wrong with files: that is in `mistakes`, all of it. */
  return async function load(files: readonly FixtureFile[]): Promise<Suite> {
    const readings = new Map<string, Promise<ConnectionsRead>>();
    // A case without network reads nothing of the environment: it is to be the same on every machine.
    const connectionsOf = (root: string, network: ReadyCase['network']) => {
      const key = `${network} ${root}`;
      const reading =
        readings.get(key) ?? readAllConnections(root, { env: network === 'allow' ? env : {}, modules });
      readings.set(key, reading);
      return reading;
    };
    const suite: Suite = { cases: [], mistakes: [], folders: new Map() };
    for (const file of files) {
      const result = parse(file);
      if ('mistakes' in result) {
        suite.mistakes.push(...result.mistakes);
        continue;
      }
      const { cases } = result.parsed;
      const isAllowed = cases.some(({ network }) => network === 'allow');
      const deny = await connectionsOf(file.root, 'deny');
      for (const [folder, name] of deny.byFolder) {
        suite.folders.set(name, join(file.root, 'database-connections', folder));
      }
      const checked = checkTargets(result.parsed, targetsOf(deny, file));
      if ('mistakes' in checked) {
        suite.mistakes.push(...checked.mistakes);
        continue;
      }
      const allow = isAllowed ? await connectionsOf(file.root, 'allow') : undefined;
      for (const fixtureCase of cases) {
        const read = (fixtureCase.network === 'allow' && allow) || deny;
        const connection =
          read.connections.get(checked.connection) ?? deny.connections.get(checked.connection)!;
        const { digest } = parsed.get(file.path)!;
        const broken = brokenScript(fixtureCase, connection, suite.folders);
        suite.cases.push({ fixtureCase, connection, path: file.path, digest, broken });
      }
    }
    return suite;
  };
}

function targetsOf({ connections, byFolder, problems }: ConnectionsRead, { folder }: FixtureFile): Targets {
  const there = ({ scripts }: Connection) => new Set(actionNames.filter((action) => scripts[action]));
  const scripts = new Map([...connections].map(([name, connection]) => [name, there(connection)]));
  const told = problems.map(({ file, path, message, connection }): [string, string] => [
    connection ?? file.split('/').at(-2) ?? file,
    `${file}${path === '' ? '' : ` at ${path}`}: ${message}`,
  ]);
  return {
    ofFolder: folder === undefined ? undefined : (byFolder.get(folder) ?? folder),
    scripts,
    problems: new Map(told),
  };
}
