import { describe, expect, it } from 'vitest';
import { type ModuleEntry, type ModuleTable, resolveModule } from '../../../sandbox/contract/modules.ts';

const builtin = (name: string, aliases: string[] = []): ModuleEntry => ({
  id: name,
  name,
  version: '24.1.0',
  kind: 'builtin',
  aliases,
});
const library = (name: string, version: string, more: Partial<ModuleEntry> = {}): ModuleEntry => ({
  id: name,
  name,
  version,
  kind: 'library',
  aliases: [],
  ...more,
});

const table: ModuleTable = {
  modules: [
    builtin('util', ['sys']),
    builtin('stream/promises'),
    library('axios', '1.21.1'),
    library('lodash', '4.18.1', { propertyPaths: true }),
    library('mysql2', '3.24.6', { subpaths: ['promise'] }),
    library('pg', '8.2.0', { keeps: 'pg.connect is kept' }),
    library('pg', '6.4.0', { id: 'pg-6' }),
    library('redis', '3.1.2', { id: 'redis-3', pins: [0, 3] }),
    library('redis', '6.3.1', { pins: [4, 99] }),
    library('@scope/thing', '2.0.0'),
  ],
  legacyGlobals: {},
};

const axios = { id: 'axios', name: 'axios', version: '1.21.1', kind: 'library' };

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
    ['pg', 'pg', undefined],
    ['pg@8.11.0', 'pg', undefined],
    ['pg@6.1.0', 'pg-6', undefined],
    ['pg@5', 'pg-6', 'pg@5 is not on board; pg 6.4.0 is used instead'],
    ['pg@99', 'pg', 'pg@99 is not on board; pg 8.2.0 is used instead; pg.connect is kept'],
    ['redis', 'redis-3', undefined],
    ['redis@2.8.0', 'redis-3', 'redis@2.8.0 is not on board; redis 3.1.2 is used instead'],
    ['redis@4.7.0', 'redis', 'redis@4.7.0 is not on board; redis 6.3.1 is used instead'],
    ['redis@6', 'redis', undefined],
    ['redis@latest', 'redis', 'redis@latest is not on board; redis 6.3.1 is used instead'],
  ])('of two versions on board, %s gets %s', (request, id, warning) => {
    const resolved = resolveModule(request, table);
    expect(resolved).toMatchObject({ id, name: request.split('@')[0] });
    expect('missing' in resolved ? undefined : resolved.warning).toBe(warning);
  });

  it.each(['mysql2/promise', 'mysql2/promise.js', 'mysql2@3.1.0/promise'])(
    'takes the subpath of %s',
    (request) => {
      expect(resolveModule(request, table)).toEqual({
        id: 'mysql2',
        name: 'mysql2',
        version: '3.24.6',
        kind: 'library',
        subpath: 'promise',
      });
    },
  );

  it.each([
    'left-pad',
    'axios/lib/core',
    'mysql2/lib/pool',
    'pg-6',
    './util',
    '/util',
    '../util',
    '',
    '@scope',
    '__proto__',
    'node:',
  ])('finds nothing for %j and names what there is', (request) => {
    expect(resolveModule(request, table)).toEqual({
      missing: true,
      available: ['@scope/thing', 'axios', 'lodash', 'mysql2', 'pg', 'redis', 'util'],
    });
  });
});
