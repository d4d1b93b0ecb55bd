/** An npm library that scripts may require; it is bundled into a file of its own. */
export interface Library {
  name: string;
  /** What the bundle begins with, where it is not the library itself. */
  entry?: string;
  aliases?: string[];
  propertyPaths?: boolean;
  /** Requests inside the bundle that get one of the shims of this folder, or an instance of another library. */
  replace?: Record<string, string>;
}

/**
 * In every bundle. `debug` reads the environment and writes to a terminal, and there is neither; the others are
 * loaded when they are used instead of at once, because that takes most of the time of a first `require`.
 */
export const replacedEverywhere: Record<string, string> = {
  debug: 'shims/debug.cjs',
  'har-validator': 'shims/har-validator.cjs',
  'http-signature': 'shims/http-signature.cjs',
  'mime-types': 'shims/mime-types.cjs',
  psl: 'shims/psl.cjs',
};

/** node-fetch 2 carries its own WHATWG URL, 250 KB of it, for Nodes that have none. */
const urlOfTheRuntime = { 'whatwg-url': 'shims/whatwg-url.cjs' };

/**
 * request-promise patches `Request.prototype`. In Node it empties the require cache to get a copy of request that
 * is its own; here the registry makes a second instance.
 */
const requestOfItsOwn = {
  request: 'private:request',
  'stealthy-require': 'shims/stealthy-require.cjs',
};

/** Old scripts call uuid itself, or `uuid/v4`: the API of uuid 3. */
const callableUuid = `
const uuid = require('uuid');
module.exports = Object.assign((...args) => uuid.v4(...args), uuid);
`;

export const libraries: readonly Library[] = [
  { name: 'axios' },
  { name: 'bcryptjs' },
  { name: 'follow-redirects' },
  { name: 'form-data' },
  { name: 'jsonwebtoken' },
  { name: 'lodash', propertyPaths: true },
  { name: 'node-fetch', replace: urlOfTheRuntime },
  { name: 'qs' },
  { name: 'request' },
  { name: 'request-promise', replace: requestOfItsOwn },
  { name: 'request-promise-native', replace: requestOfItsOwn },
  { name: 'uuid', entry: callableUuid, propertyPaths: true },
];
