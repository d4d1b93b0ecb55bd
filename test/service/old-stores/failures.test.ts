import { afterAll, beforeAll, expect, test } from 'vitest';
import { answers } from '../../servers/available.ts';
import { freePort } from '../../servers/private-process.ts';
import type { RunningService } from '../running-service.ts';
import { serveConnections } from './old-store.ts';

interface Failing {
  /** Of a Get User with the parameters `email`, `context` and `callback`. */
  body: string;
  detail: string | RegExp;
  /** The line of the script that the answer names; the body's first is 2. */
  line: number;
}

const password = 'sécret/of:the@store';
const redis = await answers(6379);
if (!redis) console.warn('Skipped: a refused login at Redis, which does not answer on 127.0.0.1:6379');

const scripts: Record<string, Failing> = {
  'a-port-that-is-closed': {
    body: `require('pg').connect(configuration.PG_URL, (err, client, done) => {
      if (err) return callback(err);
      done();
    });`,
    detail: /^connect ECONNREFUSED 127\.0\.0\.1:\d+$/,
    line: 3,
  },
  'a-port-that-is-closed-for-mysql': {
    body: `const connection = require('mysql').createConnection(configuration.MYSQL_URL);
    connection.query('SELECT 1', (err) => {
      callback(err);
    });`,
    // mysql adds to an error's stack the one of the query.
    detail: /^connect ECONNREFUSED 127\.0\.0\.1:\d+$/,
    line: 3,
  },
  'a-client-as-text': {
    body: `const client = new (require('pg').Client)(configuration.PG_URL);
    callback(new Error(client.password + ' ' + encodeURIComponent(client.password) + ' ' + client.port));`,
    detail: /^\[configuration\.PG_URL\] \[configuration\.PG_URL\] \d+$/,
    line: 3,
  },
  'the-options-of-a-client-in-the-log': {
    body: `const connection = require('mysql').createConnection(configuration.MYSQL_URL);
    console.log(connection.config);
    console.error(JSON.stringify(connection.config));
    callback('no good');`,
    detail: 'no good',
    line: 5,
  },
  'a-url-that-is-none': {
    body: `try {
      new URL(configuration.BROKEN_URL);
    } catch (err) {
      console.log(err);
      callback(err);
    }`,
    detail: /^TypeError: Invalid URL/,
    line: 3,
  },
  'a-url-of-mongodb-that-is-not-escaped': {
    body: `require('mongodb@3.1.4').MongoClient.connect(configuration.UNESCAPED_URL, (err) => {
      console.log(err);
      callback(err);
    });`,
    detail: /^MongoParseError: /,
    line: 2,
  },
  'a-url-of-mongodb-7-that-is-not-escaped': {
    body: `const { MongoClient } = require('mongodb@7');
    try {
      new MongoClient(configuration.UNESCAPED_URL);
    } catch (err) {
      callback(err);
    }`,
    detail: /^(MongoParseError|MongoAPIError|URIError): /,
    line: 4,
  },
  'a-row-that-is-not-there': {
    body: `const async = require('async');
    async.setImmediate(() => {
      const rows = [];
      callback(null, rows[0].id);
    });`,
    detail: "TypeError: Cannot read properties of undefined (reading 'id')",
    line: 5,
  },
  ...(redis
    ? {
        'a-command-in-an-error': {
          body: `const client = new (require('ioredis'))(configuration.REDIS_URL, { retryStrategy: () => null });
    client.on('error', (err) => {
      console.log(err);
      callback(new Error(JSON.stringify(err) + err.message));
    });`,
          // The same password is in PG_URL, which comes first.
          detail: /configuration\.PG_URL/,
          line: 5,
        },
      }
    : {}),
};

let service: RunningService;
beforeAll(async () => {
  const escaped = encodeURIComponent(password);
  const closed = await freePort();
  const sources = Object.entries(scripts).map(([name, { body }]) => [
    name,
    { get_user: `function getByEmail(email, context, callback) {\n    ${body}\n}` },
  ]);
  service = await serveConnections(Object.fromEntries(sources), {
    configuration: {
      PG_URL: `postgres://app:${escaped}@127.0.0.1:${closed}/store`,
      MYSQL_URL: `mysql://app:${escaped}@127.0.0.1:${closed}/store`,
      REDIS_URL: `redis://app:${escaped}@127.0.0.1:6379/0`,
      UNESCAPED_URL: `mongodb://app:${password}@127.0.0.1:${closed}/store`,
      BROKEN_URL: `https//app:${password}`,
    },
    egress: [`127.0.0.1:${closed}`, '127.0.0.1:6379'],
    secrets: [password, escaped, 'of:the@store'],
  });
});
afterAll(() => service?.stop());

test.each(Object.entries(scripts))('%s', async (name, { detail, line }) => {
  const reply = await service.run(name, 'get-user', { identifier: 'jane@example.com' });
  expect(reply).toMatchObject({ status: 502, body: { code: 'script_error', script: 'get_user' } });
  if (typeof detail === 'string') expect(reply.body.detail).toBe(detail);
  else expect(reply.body.detail).toMatch(detail);
  expect(reply.body.stack?.[0]).toMatch(new RegExp(`${name}/get_user\\.js:${line}:\\d+`));
});
