import type { Library } from './library.ts';
import { urlOfTheRuntime } from './replaced-everywhere.ts';

/**
 * request-promise patches `Request.prototype`. In Node it empties the require cache to get a copy of request that
 * is its own; here the registry makes a second instance.
 */
const requestOfItsOwn = {
  request: 'own:request',
  'stealthy-require': 'stealthy-require.cjs',
};

const family = 'HTTP';

export const http: Library[] = [
  { package: 'axios', family },
  { package: 'follow-redirects', family },
  { package: 'form-data', family, unsupported: 'files by their path' },
  { package: 'node-fetch', family, replace: urlOfTheRuntime },
  { package: 'qs', family },
  { package: 'request', family },
  { package: 'request-promise', family, replace: requestOfItsOwn },
  { package: 'request-promise-native', family, replace: requestOfItsOwn },
  { package: 'soap', family, unsupported: 'servers (`listen`), WSDL files by their path' },
  { package: 'superagent', family, unsupported: 'files by their path, HTTP/2' },
];
