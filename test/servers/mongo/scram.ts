import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

/** The server's side of SCRAM (RFC 5802, RFC 7677) with what MongoDB makes of a password for SCRAM-SHA-1. */
const mechanisms = {
  'SCRAM-SHA-1': {
    hash: 'sha1',
    bytes: 20,
    iterations: 10_000,
    secret: (user: string, password: string) =>
      createHash('md5').update(`${user}:mongo:${password}`).digest('hex'),
  },
  'SCRAM-SHA-256': {
    hash: 'sha256',
    bytes: 32,
    iterations: 15_000,
    secret: (_user: string, password: string) => password,
  },
};

export type Mechanism = keyof typeof mechanisms;

/** What a server keeps of a user: no password. */
export interface ScramUser {
  name: string;
  /** The database that the user belongs to. */
  database: string;
  credentials: Map<string, { salt: Buffer; saltedPassword: Buffer }>;
}

export interface ScramConversation {
  /** The server's first message. */
  first: string;
  /** The server's last message, or undefined where the proof is wrong. */
  finish(clientFinal: string): string | undefined;
}

/** `only` leaves the user without the other mechanism, as servers do whose users are older than it. */
export function createScramUser(
  name: string,
  password: string,
  database: string,
  only?: Mechanism,
): ScramUser {
  const credentials = new Map<string, { salt: Buffer; saltedPassword: Buffer }>();
  for (const [mechanism, { hash, bytes, iterations, secret }] of Object.entries(mechanisms)) {
    if (only && mechanism !== only) continue;
    const salt = randomBytes(bytes - 4);
    const saltedPassword = pbkdf2Sync(secret(name, password), salt, iterations, bytes, hash);
    credentials.set(mechanism, { salt, saltedPassword });
  }
  return { name, database, credentials };
}

const field = (message: string, name: string) =>
  message
    .split(',')
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(2) ?? '';

/** Answers a client's first message; undefined where there is no such user or mechanism. */
export function startScram(
  user: ScramUser | undefined,
  mechanism: string,
  clientFirst: string,
): ScramConversation | undefined {
  const bare = clientFirst.replace(/^[^,]*,[^,]*,/, '');
  const claimed = field(bare, 'n').replaceAll('=2C', ',').replaceAll('=3D', '=');
  const credential = user?.name === claimed ? user.credentials.get(mechanism) : undefined;
  if (!credential) return undefined;
  const { hash, iterations } = mechanisms[mechanism as Mechanism];
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  const nonce = field(bare, 'r') + randomBytes(18).toString('base64');
  const first = `r=${nonce},s=${credential.salt.toString('base64')},i=${iterations}`;

  return {
    first,
    finish(clientFinal) {
      const withoutProof = clientFinal.replace(/,p=[^,]*$/, '');
      const proof = Buffer.from(field(clientFinal, 'p'), 'base64');
      const message = `${bare},${first},${withoutProof}`;
      const clientKey = hmac(credential.saltedPassword, 'Client Key');
      const signature = hmac(createHash(hash).update(clientKey).digest(), message);
      const expected = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!));
      const right = proof.length === expected.length && timingSafeEqual(proof, expected);
      if (!right || field(withoutProof, 'r') !== nonce) return undefined;
      const serverKey = hmac(credential.saltedPassword, 'Server Key');
      return `v=${hmac(serverKey, message).toString('base64')}`;
    },
  };
}
