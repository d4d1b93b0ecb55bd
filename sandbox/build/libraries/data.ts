import type { Library } from './library.ts';

const family = 'Data and control flow';

/** Old scripts call uuid itself, or `uuid/v4`: the API of uuid 3. */
const callableUuid = `
const uuid = require('uuid');
module.exports = Object.assign((...args) => uuid.v4(...args), uuid);
`;

export const data: Library[] = [
  { package: 'async', family, propertyPaths: true },
  { package: 'bluebird', family },
  { package: 'lodash', family, propertyPaths: true },
  { package: 'moment', family },
  { package: 'underscore', family },
  { package: 'uuid', family, entry: callableUuid, propertyPaths: true },
  { package: 'xml2js', family },
];
