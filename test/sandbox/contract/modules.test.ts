import { describe, expect, it } from 'vitest';
import { type ModuleTable, resolveModule } from '../../../sandbox/contract/modules.ts';

const table: ModuleTable = {
  modules: [
    { name: 'util', version: '24.1.0', kind: 'builtin', aliases: ['sys'] },
    { name: 'stream/promises', version: '24.1.0', kind: 'builtin', aliases: [] },
    { name: 'axios', version: '1.21.1', kind: 'library', aliases: [] },
    { name: 'lodash', version: '4.18.1', kind: 'library', aliases: [], propertyPaths: true },
    { name: 'pg', version: '8.2.0', kind: 'library', aliases: [] },
    { name: 'pg', version: '6.4.0', kind: 'library', aliases: [] },
    { name: '@scope/thing', version: '2.0.0', kind: 'library', aliases: [] },
  ],
  legacyGlobals: {},
};

const axios = { name: 'axios', version: '1.21.1', kind: 'library' };

describe('resolveModule', () => {
  it.each([
    ['util', { name: 'util', version: '24.1.0', kind: 'builtin' }],
    ['node:util', { name: 'util' }],
    ['sys', { name: 'util' }],
    ['util/', { name: 'util' }],
    ['node:stream/promises', { name: 'stream/promises' }],
    ['@scope/thing', { name: '@scope/thing' }],
    ['@scope/thing@2', { name: '@scope/thing' }],
    ['lodash/get', { name: 'lodash', property: 'get' }],
    ['lodash@4.17.21/get.js', { name: 'lodash', property: 'get' }],
  ])('%s', (request, expected) => {
    expect(resolveModule(request, table)).toMatchObject(expected);
  });

  it.each(['axios', 'axios@1', 'axios@1.6.0', 'axios@^1.0.0', 'axios@~1.2', 'axios@1.x'])(
    'answers %s without a warning',
    (request) => {
      expect(resolveModule(request, table)).toEqual(axios);
    },
  );

  it.each(['axios@0.21.1', 'axios@2', 'axios@latest'])('answers %s with a warning', (request) => {
    const pin = request.slice('axios@'.length);
    expect(resolveModule(request, table)).toEqual({
      ...axios,
      warning: `axios@${pin} is not on board; axios 1.21.1 is used instead`,
    });
  });

  it.each([
    ['pg', '8.2.0', undefined],
    ['pg@8.11.0', '8.2.0', undefined],
    ['pg@6.1.0', '6.4.0', undefined],
    ['pg@5', '6.4.0', 'pg@5 is not on board; pg 6.4.0 is used instead'],
    ['pg@99', '8.2.0', 'pg@99 is not on board; pg 8.2.0 is used instead'],
  ])('of two versions on board, %s gets %s', (request, version, warning) => {
    expect(resolveModule(request, table)).toEqual({
      name: 'pg',
      version,
      kind: 'library',
      ...(warning ? { warning } : {}),
    });
  });

  it.each(['left-pad', 'axios/lib/core', './util', '/util', '../util', '', '@scope', '__proto__', 'node:'])(
    'finds nothing for %j and names what there is',
    (request) => {
      expect(resolveModule(request, table)).toEqual({
        missing: true,
        available: ['@scope/thing', 'axios', 'lodash', 'pg', 'util'],
      });
    },
  );
});
