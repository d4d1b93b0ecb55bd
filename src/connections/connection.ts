import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ConnectionDefinition } from '../../sandbox/contract/definition.ts';
import type { ConnectionOptions } from './connection-schema.ts';

/** What the author of a connection should know, though it is served. */
export interface Warning {
  code: string;
  message: string;
  /** Relative to the directory that is served. */
  file?: string;
  line?: number;
}

export interface LoadedScript {
  action: ActionName;
  /** What stacks and messages show: `acme/get_user.js`. */
  file: string;
  sha256: string;
  bytes: number;
  /**
   * `context`: the full contract's arguments, the context object before the callback. `plain`: the contract's
   * arguments without it, because the connection has no context object or the entry declares just these.
   */
  arguments: 'context' | 'plain';
  /**
   * Set when the script cannot be run; the connection's other scripts can. Line and column are 1-based, of `file`
   * where the mistake is in a helper file, else of the script.
   */
  problem?: { message: string; file?: string; line?: number; column?: number };
  /** Of a script that cannot be run, as far as it could be read. Not enumerable: it may hold secrets. */
  source?: string;
  /** The files that it requires by relative paths, and that these do; left out where there are none. */
  helpers?: LoadedHelper[];
  warnings: Warning[];
}

export interface LoadedHelper {
  /** What stacks and messages show: `acme/lib/hash.js`. */
  file: string;
  sha256: string;
}

export interface Connection {
  name: string;
  displayName?: string;
  realms: string[];
  /** Changes with anything in the connection's files or in the values put into them. */
  version: string;
  /** Options without scripts and without configuration values. */
  options: ConnectionOptions;
  /** The configuration's keys; its values are in `definition` alone. */
  configurationKeys: string[];
  scripts: Partial<Record<ActionName, LoadedScript>>;
  warnings: Warning[];
  /** The new version of its read-only scripts, where `options.shadow` names one; never answered from. */
  shadow?: Connection;
  /** What a sandbox process is told. Holds secrets: never logged, never answered. */
  definition: ConnectionDefinition;
}

/** A connection, or a file of one, that cannot be served as it stands. */
export interface Problem {
  /** Relative to the directory that is served. */
  file: string;
  /** Within the file: `options.configuration.API_KEY`. */
  path: string;
  message: string;
  /** The connection, where its name could be read; of a file that cannot be parsed, the name of its folder. */
  connection?: string;
  /** Whether an earlier good version of it is still served. */
  keepsLastGood: boolean;
}

export type StoreChange =
  | { kind: 'added' | 'changed' | 'removed'; connection: Connection }
  | { kind: 'problem'; problem: Problem }
  | { kind: 'solved'; problem: Problem };

export interface ConnectionStore {
  list(): readonly Connection[];
  get(name: string): Connection | undefined;
  /** What is wrong at the moment. */
  problems(): readonly Problem[];
  /** Whether the store can be read at all. */
  readable(): boolean;
  onChange(listener: (change: StoreChange) => void): void;
  close(): Promise<void>;
}
