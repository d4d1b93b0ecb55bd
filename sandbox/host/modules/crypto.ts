import type { HostModule } from '../operations.ts';
import { agreementOperations } from './crypto-agreement.ts';
import { argon2Operations } from './crypto-argon2.ts';
import { cipherOperations } from './crypto-cipher.ts';
import { hashOperations } from './crypto-hash.ts';
import { kdfOperations } from './crypto-kdf.ts';
import { keyOperations } from './crypto-keys.ts';
import { pkcs12Operations } from './crypto-pkcs12.ts';
import { signOperations } from './crypto-sign.ts';
import { subtleOperations } from './crypto-subtle.ts';
import { x509Operations } from './crypto-x509.ts';

const families: HostModule[] = [
  hashOperations,
  kdfOperations,
  cipherOperations,
  keyOperations,
  signOperations,
  subtleOperations,
  agreementOperations,
  argon2Operations,
  pkcs12Operations,
  x509Operations,
];

/** Node's crypto by the host's OpenSSL. Nothing is kept between calls: keys cross whole each time. */
export const cryptoModule: HostModule = {
  sync: Object.assign({}, ...families.map(({ sync }) => sync)),
  async: Object.assign({}, ...families.map((family) => family.async)),
};
