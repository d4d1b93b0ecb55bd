import { timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Cipher } from '../encryption/create-cipher.ts';
import { ServiceError } from '../errors.ts';
import { digestOfKey, idOfKey, type Scope, type StoredKey, scopes } from './api-key.ts';
import { KeyFileError, parseKeyFile } from './key-file-text.ts';
import type { Secret } from './secret.ts';

/** Who calls. */
export interface Principal {
  /** `open` where no key is asked for, `environment` for DRAWBRIDGE_API_KEY, else the key's id. */
  keyId: string;
  tenant: string;
  scopes: ReadonlySet<Scope>;
}

export interface KeyRing {
  /** No key is configured: whoever reaches the service may call it. */
  readonly open: boolean;
  /** Throws `unauthorized`. `authorization` is the header as it came. */
  authenticate(authorization: string | undefined): Principal;
  /** Usable keys at the moment. */
  count(): number;
}

export interface KeyRingOptions {
  tenant: string;
  apiKey?: Secret | undefined;
  file?: string | undefined;
  /** Where there is one, the file has to be encrypted. */
  cipher?: Cipher | undefined;
  /** Hears that the file changed (`problem` undefined) or that it cannot be used and the last good one is. */
  onReload?: (problem: string | undefined) => void;
  /** Least time between two looks at the file. */
  checkIntervalMs?: number;
}

interface FileState {
  /** Identity of what was read: inode, time and size. Undefined: there is no file. */
  mark: string | undefined;
  keys: ReadonlyMap<string, StoredKey>;
}

function markOf(path: string): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat ? `${stat.ino}:${stat.mtimeMs}:${stat.size}` : undefined;
  } catch {
    // There is something that cannot be looked at; reading it says so.
    return 'unreadable';
  }
}

function readKeys(path: string, cipher: Cipher | undefined): ReadonlyMap<string, StoredKey> {
  const keys = parseKeyFile(readFileSync(path, 'utf8'), path, { cipher });
  return new Map(keys.filter((key) => key.revoked_at === undefined).map((key) => [key.id, key]));
}

function requestKey(authorization: string | undefined): string {
  if (authorization === undefined) {
    throw new ServiceError('unauthorized', { detail: 'Send an API key: "Authorization: Bearer <key>"' });
  }
  const key = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1];
  if (key === undefined) {
    throw new ServiceError('unauthorized', {
      detail: 'The Authorization header must read "Bearer <key>"',
    });
  }
  return key;
}

/**
 * The keys that are accepted. The file is looked at again as requests come, at most each `checkIntervalMs`, so
 * that a revoked key stops without a restart and without a watcher. Throws KeyFileError when the file cannot be
 * used at the start; one that turns bad later leaves the last good keys in force, one that goes away revokes all.
 */
export function createKeyRing(options: KeyRingOptions): KeyRing {
  const { tenant, apiKey, file, cipher, onReload = () => {}, checkIntervalMs = 250 } = options;
  const environmentDigest = apiKey ? digestOfKey(apiKey.reveal()) : undefined;
  const everything: ReadonlySet<Scope> = new Set(scopes);
  const principals = new WeakMap<StoredKey, Principal>();

  if (file !== undefined && markOf(file) === undefined) {
    throw new KeyFileError(
      `${file} does not exist; make it with: npx drawbridge keys create --file ${file} --name my-auth-server`,
    );
  }
  let state: FileState = file
    ? { mark: markOf(file), keys: readKeys(file, cipher) }
    : { mark: undefined, keys: new Map() };
  let lookedAt = Date.now();

  function lookAgain(path: string): void {
    const now = Date.now();
    if (now - lookedAt < checkIntervalMs) return;
    lookedAt = now;
    const mark = markOf(path);
    if (mark === state.mark) return;
    if (mark === undefined) {
      state = { mark, keys: new Map() };
      onReload(`${path} is gone; its keys are no longer accepted`);
      return;
    }
    try {
      state = { mark, keys: readKeys(path, cipher) };
      onReload(undefined);
    } catch (error) {
      state = { mark, keys: state.keys };
      onReload(error instanceof KeyFileError ? error.message : `${path} cannot be read`);
    }
  }

  function principalOf(stored: StoredKey): Principal {
    let principal = principals.get(stored);
    if (!principal) {
      principal = { keyId: stored.id, tenant: stored.tenant, scopes: new Set(stored.scopes) };
      principals.set(stored, principal);
    }
    return principal;
  }

  const open = environmentDigest === undefined && file === undefined;
  const anyone: Principal = { keyId: 'open', tenant, scopes: everything };
  const environment: Principal = { keyId: 'environment', tenant, scopes: everything };

  return {
    open,
    authenticate(authorization) {
      if (open) return anyone;
      if (file) lookAgain(file);
      const key = requestKey(authorization);
      const digest = digestOfKey(key);
      // Digests have one length and reveal nothing, so that neither comparison tells how near a guess came.
      if (environmentDigest && timingSafeEqual(digest, environmentDigest)) return environment;
      const stored = state.keys.get(idOfKey(key) ?? '');
      if (stored && timingSafeEqual(digest, Buffer.from(stored.sha256, 'hex'))) return principalOf(stored);
      throw new ServiceError('unauthorized', { detail: 'The API key is unknown or revoked' });
    },
    count: () => state.keys.size + (environmentDigest ? 1 : 0),
  };
}
