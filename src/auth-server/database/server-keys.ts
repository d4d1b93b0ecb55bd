import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** Made when they are first asked for and kept: tokens and sessions outlive a restart. */
export function loadServerKeys(database: DatabaseSync) {
  const find = database.prepare('SELECT value FROM server_keys WHERE name = ?');
  const add = database.prepare('INSERT INTO server_keys (name, value) VALUES (?, ?)');
  const keep = (name: string, make: () => string): string => {
    const row = find.get(name) as { value: string } | undefined;
    if (row) return row.value;
    const value = make();
    add.run(name, value);
    return value;
  };
  return {
    /** The private keys that tokens are signed with. */
    jwks: { keys: [JSON.parse(keep('signing', makeSigningKey))] },
    cookieKeys: [keep('cookies', randomText)],
    /** 32 bytes for one use, which `name` says. */
    secret: (name: string): Buffer => Buffer.from(keep(name, randomText), 'base64url'),
  };
}

export type ServerKeys = ReturnType<typeof loadServerKeys>;

const randomText = () => randomBytes(32).toString('base64url');

/** RS256 is what OpenID Connect Core §15.1 has every relying party understand. */
function makeSigningKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return JSON.stringify({
    ...privateKey.export({ format: 'jwk' }),
    kid: randomUUID(),
    alg: 'RS256',
    use: 'sig',
  });
}
