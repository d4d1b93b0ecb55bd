import type { Library } from './library.ts';

const family = 'Tokens and cryptography';

export const tokens: Library[] = [
  { package: 'argon2', family, replace: { 'node-gyp-build': 'node-gyp-build.cjs' } },
  { package: 'bcryptjs', family },
  { package: 'crypto-js', family },
  { package: 'jose', family },
  { package: 'jsonwebtoken', family },
  { package: 'jws', family },
  { package: 'jwt-decode', family },
  { package: 'node-jose', family },
  { package: 'pbkdf2', family },
  { package: 'scrypt-kdf', family },
];
