import { createHmac, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { type ActionName, actionNames } from '../../sandbox/contract/actions.ts';
import type {
  ConnectionDefinition,
  EgressLists,
  HelperFile,
  ScriptDefinition,
} from '../../sandbox/contract/definition.ts';
import type { Connection, LoadedScript, Warning } from './connection.ts';
import { type ConnectionFile, ConnectionOptions, LONG_NAME } from './connection-schema.ts';
import { findUnknownKeys } from './find-unknown-keys.ts';

export interface ConnectionParts {
  /** The connection that it is a second version of. */
  shadowOf?: string | undefined;
  description: ConnectionFile;
  file: string;
  scripts: Partial<Record<ActionName, LoadedScript>>;
  definitions: ScriptDefinition[];
  helperSets: HelperFile[][];
  warnings: Warning[];
}

/** Keyed, so that a version tells nobody anything of the configuration values that went into it. */
const versionKey = randomBytes(32);

/**
 * Puts a connection together. Its definition is not enumerable, so that neither JSON nor the console shows it; the
 * definition itself is plain data, for the sandbox process must be sent it.
 */
export function buildConnection({
  shadowOf,
  description,
  file,
  scripts,
  definitions,
  helperSets,
  warnings,
}: ConnectionParts): Connection {
  const { name, display_name: displayName, realms } = description;
  const { customScripts, configuration, bareConfiguration, ...options } = description.options ?? {};
  const content: Omit<Connection, 'version' | 'definition'> = {
    name,
    ...(displayName ? { displayName } : {}),
    realms: realms?.length ? realms : [name],
    options: showable(options),
    configurationKeys: Object.keys(configuration ?? {}),
    scripts,
    warnings: [...warnings, ...describeWarnings(description, file)],
  };
  const definition: Omit<ConnectionDefinition, 'version'> = {
    name,
    ...(shadowOf === undefined ? {} : { shadowOf }),
    isolation: options.isolation ?? 'connection',
    configuration: configuration ?? {},
    ...(options.egress ? { egress: egressLists(options.egress) } : {}),
    scripts: definitions,
    ...(helperSets.length > 0 ? { helperSets } : {}),
  };
  const version = createHmac('sha256', versionKey)
    .update(JSON.stringify([content, definition]))
    .digest('hex')
    .slice(0, 32);
  return withHiddenDefinition({ ...content, version }, { ...definition, version });
}

/** An option that is not known may be a misspelt `configuration`: of its value no more is told than a switch or a number. */
function showable(options: Record<string, unknown>): Connection['options'] {
  const shown = Object.entries(options).map(([name, value]) => {
    const mayBeSecret = typeof value === 'string' || (typeof value === 'object' && value !== null);
    const isKnown = Object.hasOwn(ConnectionOptions.shape, name);
    return [name, mayBeSecret && !isKnown ? '[not shown]' : value];
  });
  return Object.fromEntries(shown);
}

function egressLists({ allow, deny }: NonNullable<ConnectionOptions['egress']>): EgressLists {
  return { ...(allow ? { allow } : {}), ...(deny ? { deny } : {}) };
}

function withHiddenDefinition(
  content: Omit<Connection, 'definition'>,
  definition: ConnectionDefinition,
): Connection {
  Object.defineProperty(definition, inspect.custom, {
    value: () => `[definition of ${definition.name} ${definition.version}]`,
  });
  return Object.defineProperty(content, 'definition', { value: definition }) as Connection;
}

function describeWarnings({ name, options, customScripts }: ConnectionFile, file: string): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: string, message: string) => warnings.push({ code, message, file });
  if (name.length > LONG_NAME) {
    warn('long_name', `The name has ${name.length} characters; Auth0's dashboard takes ${LONG_NAME}`);
  }
  if (options?.bareConfiguration !== undefined) {
    warn('unknown_option', 'options.bareConfiguration is not read; use options.configuration');
  }
  for (const [option, schema] of Object.entries(ConnectionOptions.shape)) {
    for (const path of findUnknownKeys(schema, options?.[option], ['options', option])) {
      warn('unknown_option', `${path} is not known; is it misspelt?`);
    }
  }
  for (const key of unknownScripts(options?.customScripts ?? customScripts ?? {})) {
    warn('unknown_script', `options.customScripts.${key} is none of the nine scripts and is never run`);
  }
  return warnings;
}

function unknownScripts(scripts: Record<string, unknown>): string[] {
  return Object.keys(scripts).filter((key) => !(actionNames as readonly string[]).includes(key));
}
