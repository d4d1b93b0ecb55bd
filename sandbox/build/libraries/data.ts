import { createRequire } from 'node:module';
import type { Library } from './library.ts';

const { version: lodashVersion } = createRequire(import.meta.url)('lodash/package.json') as {
  version: string;
};

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
  {
    package: 'lodash',
    family,
    propertyPaths: true,
    // It looks at the global `_` while it is loaded, which is a lodash that needs this one.
    patches: [
      { file: /\/lodash\/lodash\.js$/, find: /oldDash = root\._;/g, replace: 'oldDash = undefined;' },
    ],
  },
  {
    package: 'lodash-3',
    name: 'lodash',
    family,
    version: lodashVersion,
    entry: () => "module.exports = require('./layers/lodash-3.cjs')(require('lodash').runInContext());",
    propertyPaths: true,
    pins: [0, 3],
    keeps:
      'the names and ways to call that lodash 4 dropped are kept: `_.pluck`, `_.contains`, `_.max` by a function',
  },
  {
    package: 'lodash-fp',
    name: 'lodash/fp',
    family,
    version: lodashVersion,
    // As the package's own fp.js, without another copy of lodash.
    entry: () =>
      "const lodash = require('lodash').runInContext(); module.exports = require('lodash/fp/_baseConvert')(lodash, lodash);",
  },
  { package: 'moment', family, unsupported: 'languages other than English' },
  { package: 'moment-timezone', family },
  { package: 'q', family },
  { package: 'underscore', family },
  {
    package: 'uuid',
    family,
    layer: "require('./layers/uuid.cjs')",
    propertyPaths: true,
    keeps: "the module can be called, and `require('uuid/v4')` works, as in uuid 3",
  },
  { package: 'validator', family },
  { package: 'xml2js', family },
  { package: '@xmldom/xmldom', family, aliases: ['xmldom'] },
  { package: 'xpath', family },
  { package: 'xtend', family },
];
