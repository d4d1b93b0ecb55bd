import type { Library } from './library.ts';

const family = 'Tokens and cryptography';

const cryptoJsFiles =
  'aes core enc-base64 enc-base64url enc-hex enc-latin1 enc-utf8 enc-utf16 evpkdf format-hex hmac-md5 hmac-sha1 ' +
  'hmac-sha224 hmac-sha256 hmac-sha384 hmac-sha512 lib-typedarrays md5 mode-cfb mode-ctr mode-ecb mode-ofb ' +
  'pad-nopadding pad-zeropadding pbkdf2 rabbit rc4 ripemd160 sha1 sha224 sha256 sha3 sha384 sha512 tripledes x64-core';

export const tokens: Library[] = [
  {
    package: 'argon2',
    family,
    replace: { 'node-gyp-build': 'node-gyp-build.cjs' },
    unsupported: 'hashes of version 0x10, from before 2015',
  },
  { package: 'base64url', family },
  { package: 'bcryptjs', family },
  {
    package: 'crypto-js',
    family,
    subpaths: Object.fromEntries(cryptoJsFiles.split(' ').map((file) => [file, `crypto-js/${file}`])),
  },
  {
    package: 'easy-pbkdf2',
    family,
    version: '1.0.0',
    entry: () => "module.exports = require('./layers/easy-pbkdf2.cjs');",
    propertyPaths: true,
    unsupported: "it is this project's, over Node's own crypto",
  },
  { package: 'jose', family, esm: true },
  {
    package: 'jsonwebtoken',
    family,
    keeps: 'RSA keys have to have 2048 bits unless `allowInsecureKeySizes` is set',
  },
  { package: 'jwks-rsa', family },
  { package: 'jws', family },
  {
    package: 'jwt-decode',
    family,
    layer: "require('./layers/jwt-decode.cjs')",
    keeps: 'the module can be called as the function it was',
  },
  { package: 'md5', family },
  { package: 'node-jose', family },
  { package: 'pbkdf2', family },
  {
    package: 'scrypt',
    family,
    version: '6.0.3',
    entry: () => "module.exports = require('./layers/scrypt.cjs');",
    unsupported: "limits of memory for `params`; it is this project's, over Node's own scrypt",
  },
  { package: 'scrypt-kdf', family, layer: "require('./layers/default-export.cjs')" },
];
