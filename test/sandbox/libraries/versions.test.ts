import { beforeAll, describe, expect, it } from 'vitest';
import { moduleTable } from '../../../sandbox/build/module-table.ts';
import { type ModuleTable, type ResolvedModule, resolveModule } from '../../../sandbox/contract/modules.ts';
import { useGuest } from './use-guest.ts';

const guest = useGuest();
let table: ModuleTable;

beforeAll(async () => {
  table = await moduleTable();
});

/** What public scripts ask for: the major they get, and whether their author is told. */
const requests: [request: string, id: string, warned: boolean][] = [
  ['mongodb', 'mongodb-4', false],
  ['mongodb@2.2.33', 'mongodb-3', true],
  ['mongodb@3.1.4', 'mongodb-3', false],
  ['mongodb@4.x', 'mongodb-4', false],
  ['mongodb@5.0.0', 'mongodb-5', false],
  ['mongodb@6.3.0', 'mongodb', true],
  ['mongodb@7', 'mongodb', false],
  ['tedious', 'tedious', false],
  ['tedious@0.1.5', 'tedious-1', true],
  ['tedious@1.11.0', 'tedious-1', false],
  ['tedious@4.1.3', 'tedious-11', true],
  ['tedious@11.0.3', 'tedious-11', false],
  ['tedious@18.2.0', 'tedious', true],
  ['pg@4.3.0', 'pg', true],
  ['pg@6', 'pg', true],
  ['pg@7.x', 'pg', true],
  ['pg@8.11.3', 'pg', false],
  ['mysql@2.7.0', 'mysql', false],
  ['redis', 'redis-3', false],
  ['redis@2.8.0', 'redis-3', true],
  ['redis@4.6.0', 'redis', true],
  ['auth0', 'auth0-2', false],
  ['auth0@2.9.1', 'auth0-2', false],
  ['auth0@3.7.2', 'auth0-2', true],
  ['auth0@4.10.0', 'auth0-legacy', false],
  ['auth0@5.0.0', 'auth0', true],
  ['auth0@7', 'auth0', false],
  ['aws-sdk@2.593.0', 'aws-sdk', false],
  ['amazon-cognito-identity-js@3.0.14', 'amazon-cognito-identity-js', true],
  ['async@2.1.2', 'async', true],
  ['bcrypt@0.8.5', 'bcrypt', true],
  ['bluebird@3.5.0', 'bluebird', false],
  ['jsonwebtoken@8.5.0', 'jsonwebtoken', true],
  ['jwt-decode@3.1.1', 'jwt-decode', true],
  ['lodash@4.8.2', 'lodash', false],
  ['node-fetch@2.6.0', 'node-fetch', false],
  ['request@2.81.0', 'request', false],
  ['xml2js@0.2.8', 'xml2js', false],
];

describe('the version that a request gets', () => {
  it.each(requests)('%s', (request, id, warned) => {
    const resolved = resolveModule(request, table) as ResolvedModule;
    expect(resolved.id).toBe(id);
    const [name, pin] = request.split('@');
    const warning = `${name}@${pin} is not on board; ${name} ${resolved.version} is used instead`;
    expect(resolved.warning ?? '').toMatch(warned ? warning : /^$/);
  });

  it('is told with what is kept of the API that the pin means', () => {
    expect(resolveModule('pg@6.4.2', table)).toMatchObject({
      warning: expect.stringMatching(
        /^pg@6\.4\.2 is not on board; pg 8\.\S+ is used instead; pg\.connect and pg\.end of pg 6 are kept/,
      ),
    });
  });
});

it('the table gives each version of a name an id, and each id a file', () => {
  const libraries = table.modules.filter(({ kind }) => kind === 'library');
  const distinct = (values: unknown[]) => new Set(values).size;
  expect(distinct(table.modules.map(({ id }) => id))).toBe(table.modules.length);
  expect(distinct(libraries.map(({ file }) => file))).toBe(libraries.length);
  expect(distinct(libraries.map(({ name, version, pins }) => `${name}@${version} ${pins}`))).toBe(
    libraries.length,
  );
});

it('versions of one name are side by side in a script, each with its own API', async () => {
  const answer = await guest(({ require }) => {
    const mongodb = [3, 4, 5, 7].map((major) => require(`mongodb@${major}`));
    const tedious = ['1.11.0', '11.0.3', '20'].map((version) => require(`tedious@${version}`));
    return {
      apart: new Set([...mongodb, ...tedious]).size,
      same: require('mongodb@4.1.0') === require('mongodb') && require('tedious') === tedious[2],
      callable: mongodb.map((module) => typeof module),
      find: mongodb.map(({ MongoClient }) => typeof MongoClient.connect),
      old: [typeof require('redis').RedisClient, typeof require('auth0').AuthenticationClient],
      current: [typeof require('redis@6').createClientPool, typeof require('auth0@7').ManagementError],
    };
  });
  expect(answer).toEqual({
    apart: 7,
    same: true,
    callable: ['function', 'object', 'object', 'object'],
    find: ['function', 'function', 'function', 'function'],
    old: ['function', 'function'],
    current: ['function', 'function'],
  });
});

it('parts of packages are those of the package, and others are not found', async () => {
  const answer = await guest(({ require }) => {
    const code = (request: string) => {
      try {
        return typeof require(request);
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    return {
      promise: require('mysql2/promise') === require('mysql2@3/promise.js'),
      sha1: require('crypto-js/sha1') === require('crypto-js').SHA1,
      others: ['mysql2/lib/pool', 'mongodb-3', 'library:pg', 'own:pg', 'pg/lib'].map(code),
    };
  });
  expect(answer).toEqual({ promise: true, sha1: true, others: Array(5).fill('MODULE_NOT_FOUND') });
});

it('bare names of old scripts stand for modules, drivers among them', async () => {
  const answer = await guest(({ require }) => {
    const bare = globalThis as unknown as Record<string, unknown>;
    const modules = {
      async: 'async',
      mysql: 'mysql',
      pg: 'pg',
      postgres: 'pg',
      sqlserver: 'tedious@1',
      xml2js: 'xml2js',
    };
    return Object.entries(modules).filter(([name, module]) => bare[name] !== require(module));
  });
  expect(answer).toEqual([]);
});
