import { z } from 'zod';

/** Puts values of the environment into a text of a connection. */
export type KeywordReplacer = (text: string) => { text: string; unknown: { marker: string; line: number }[] };

const Mappings = z.record(z.string(), z.unknown());
const marker = /(['"])@@([\w.-]+)@@\1|@@([\w.-]+)@@|##([\w.-]+)##/g;

/**
 * Replaces markers as auth0-deploy-cli does: `@@KEY@@` becomes the value as JSON, quotes around it included in what is
 * replaced; `##KEY##` becomes the value as it is. Values come from the object in AUTH0_KEYWORD_REPLACE_MAPPINGS and
 * from the environment, which wins. Unlike there, a value that was put in is not searched for markers again.
 *
 * The service's own settings (DRAWBRIDGE_*) hold API keys and are never put into a script.
 *
 * `placeholder` stands in where there is no value, for whoever reads the files without their secrets; such markers are
 * among the unknown ones all the same.
 */
export function createKeywordReplacer(
  env: Readonly<Record<string, string | undefined>>,
  placeholder?: (key: string) => string,
): KeywordReplacer {
  const mappings = readMappings(env.AUTH0_KEYWORD_REPLACE_MAPPINGS);
  const valueFor = (key: string): unknown => {
    if (/^DRAWBRIDGE_/i.test(key) || key === 'AUTH0_KEYWORD_REPLACE_MAPPINGS') return undefined;
    if (Object.hasOwn(env, key) && env[key] !== undefined) return env[key];
    return Object.hasOwn(mappings, key) ? mappings[key] : undefined;
  };
  return (text) => {
    const unknown: { marker: string; line: number }[] = [];
    const replaced = text.replace(marker, (whole, _quote, quoted, bare, literal, offset: number) => {
      const key: string = quoted ?? bare ?? literal;
      const value = valueFor(key);
      if (value !== undefined) return literal === undefined ? JSON.stringify(value) : asText(value);
      const name = literal === undefined ? `@@${key}@@` : whole;
      if (!unknown.some((each) => each.marker === name)) {
        unknown.push({ marker: name, line: text.slice(0, offset).split('\n').length });
      }
      if (placeholder) return literal === undefined ? JSON.stringify(placeholder(key)) : placeholder(key);
      return whole;
    });
    return { text: replaced, unknown };
  };
}

function asText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Throws an Error that names the variable and holds nothing of its value. */
function readMappings(json: string | undefined): Record<string, unknown> {
  if (!json) return {};
  try {
    return Mappings.parse(JSON.parse(json));
  } catch {
    throw new Error('AUTH0_KEYWORD_REPLACE_MAPPINGS must be a JSON object, such as {"KEY": "value"}');
  }
}

/** Names of connections to leave out: the JSON array in AUTH0_EXCLUDED_DATABASES. */
export function excludedDatabases(env: Readonly<Record<string, string | undefined>>): ReadonlySet<string> {
  const json = env.AUTH0_EXCLUDED_DATABASES;
  if (!json) return new Set();
  try {
    return new Set(z.array(z.string()).parse(JSON.parse(json)));
  } catch {
    throw new Error('AUTH0_EXCLUDED_DATABASES must be a JSON array of names, such as ["acme"]');
  }
}
