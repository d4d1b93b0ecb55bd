import { ConfigError } from '../../config.ts';
import type { SuiteCase } from './load-suite.ts';

/** Reads --name: a regular expression, upper and lower case alike. Throws ConfigError. */
export function readPattern(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(text, 'iu');
  } catch {
    throw new ConfigError([
      `--name is ${JSON.stringify(text)}; allowed: a regular expression, such as "404|outage"`,
    ]);
  }
}

/** Those whose `connection script name` has the pattern in it. */
export function selectCases(cases: readonly SuiteCase[], pattern: RegExp | undefined): SuiteCase[] {
  if (!pattern) return [...cases];
  return cases.filter(({ connection, fixtureCase: { script, name } }) =>
    pattern.test(`${connection.name} ${script} ${name}`),
  );
}
