import type { Library } from './library.ts';

const family = 'Data and control flow';

export const data: Library[] = [
  {
    package: 'async',
    family,
    propertyPaths: true,
    keeps:
      'functions take the same callbacks; `drain`, `empty` and `saturated` of a queue are called with a listener',
  },
  { package: 'bluebird', family },
  { package: 'lodash', family, propertyPaths: true, unsupported: '`lodash/fp`' },
  { package: 'moment', family, unsupported: 'languages other than English' },
  { package: 'underscore', family },
  {
    package: 'uuid',
    family,
    layer: "require('./layers/uuid.cjs')",
    propertyPaths: true,
    keeps: "the module can be called, and `require('uuid/v4')` works, as in uuid 3",
  },
  { package: 'xml2js', family },
];
