import { expect, it } from 'vitest';
import { describeWith } from '../../servers/available.ts';
import { useGuest } from './use-guest.ts';

const guest = useGuest();

it('pg has what needs no server', async () => {
  const answer = await guest(({ require }) => {
    const pg = require('pg@7.17.1');
    const refused = (access: () => unknown) => {
      try {
        return access();
      } catch (error) {
        return [(error as { code: string }).code, (error as Error).message];
      }
    };
    pg.end();
    return {
      literal: [pg.escapeLiteral("it's"), pg.escapeIdentifier('a"b')],
      parsed: pg.types.getTypeParser(20)('7'),
      native: refused(() => pg.native),
      same: pg === require('pg') && pg === require('pg@6.4.2'),
    };
  });
  expect(answer).toEqual({
    literal: ["'it''s'", '"a""b"'],
    parsed: '7',
    native: [
      'ERR_METHOD_NOT_IMPLEMENTED',
      'ERR_METHOD_NOT_IMPLEMENTED: pg.native is not available to action scripts',
    ],
    same: true,
  });
});

await describeWith('PostgreSQL', 5432, () => {
  const configuration = { URL: 'postgres://postgres@127.0.0.1:5432/postgres' };

  it('a client and a pool answer by callback and by promise', async () => {
    const answer = await guest(async ({ require, configuration: { URL } }) => {
      const pg = require('pg');
      const client = new pg.Client(URL);
      await new Promise<void>((resolve, reject) =>
        client.connect((error: Error | null) => (error ? reject(error) : resolve())),
      );
      const called = await new Promise((resolve) =>
        client.query('select $1::text as name', ['Jané'], (_error: Error, { rows }: { rows: unknown }) =>
          resolve(rows),
        ),
      );
      const failure = await client.query('select * from no_such_table').catch((error: Error) => error);
      await client.end();
      const pool = new (require('pg-pool'))({ connectionString: URL, max: 2 });
      const { rows } = await pool.query('select 7::int8 as big, now() as at, \'{"a":1}\'::jsonb as json');
      await pool.end();
      return {
        called,
        failure: [failure.code, failure instanceof pg.DatabaseError],
        row: { ...rows[0], at: typeof rows[0].at },
      };
    }, configuration);
    expect(answer).toEqual({
      called: [{ name: 'Jané' }],
      failure: ['42P01', true],
      row: { big: '7', at: 'object', json: { a: 1 } },
    });
  });

  it('over pg.connect a query without a callback has events and can be awaited', async () => {
    const answer = await guest(async ({ require, configuration: { URL } }) => {
      const pg = require('pg');
      // biome-ignore lint/suspicious/noExplicitAny: a client of pg 6, as a script sees it
      type Client = any;
      const [client, done] = await new Promise<[Client, () => void]>((resolve, reject) =>
        pg.connect(URL, (error: Error | null, client: Client, done: () => void) =>
          error ? reject(error) : resolve([client, done]),
        ),
      );
      const rows: number[] = [];
      const query = client.query('select generate_series(1, $1::int) as n', [3]);
      query.on('row', (row: { n: number }) => rows.push(row.n));
      const ended = await new Promise<{ rowCount: number }>((resolve) => query.on('end', resolve));
      const { rowCount } = await client.query('select 1');
      const failure = await client.query('select nothing').catch((error: { code: string }) => error.code);
      done();
      return { rows, ended: ended.rowCount, rowCount, failure };
    }, configuration);
    expect(answer).toEqual({ rows: [1, 2, 3], ended: 3, rowCount: 1, failure: '42703' });
  });

  it('a query of a client of its own is a promise that has the events of pg 6 as well', async () => {
    const answer = await guest(async ({ require, configuration: { URL } }) => {
      const { Client } = require('pg@6');
      const client = new Client(URL);
      client.connect();
      const rows: number[] = [];
      const query = client.query('select generate_series(1, 2) as n');
      query.on('row', ({ n }: { n: number }) => rows.push(n));
      const ended = await new Promise<{ rowCount: number }>((resolve) => query.on('end', resolve));
      const told = await new Promise<{ code: string }>((resolve) =>
        client.query('select nothing').on('error', resolve),
      );
      let after = false;
      const { rowCount } = await client.query('select 1').finally(() => {
        after = true;
      });
      await client.end();
      return { rows, ended: ended.rowCount, told: told.code, rowCount, after };
    }, configuration);
    expect(answer).toEqual({ rows: [1, 2], ended: 2, told: '42703', rowCount: 1, after: true });
  });

  it('pg.connect of pg 6 lends clients of a pool for each connection string', async () => {
    const answer = await guest(async ({ require, configuration: { URL } }) => {
      const pg = require('pg');
      type Client = {
        processID: number;
        query(text: string, done: (error: Error, result: { rows: unknown }) => void): void;
      };
      const borrow = (config: unknown): Promise<unknown[]> =>
        new Promise((resolve) =>
          pg.connect(config, (error: Error | null, client: Client, done: () => void) => {
            if (error) return resolve([(error as { code?: string }).code, error.message]);
            client.query('select 1 as one', (_error, { rows }) => {
              done();
              resolve([client.processID, rows]);
            });
          }),
        );
      const [first, rows] = await borrow(URL);
      const [again] = await borrow(URL);
      const [other] = await borrow({ host: '127.0.0.1', user: 'postgres', database: 'postgres' });
      const refused = await borrow('postgres://postgres@127.0.0.1:1/postgres');
      const ended = new Promise((resolve) => pg.once('end', () => resolve('ended')));
      pg.end();
      const afterwards = await borrow(URL);
      return {
        rows,
        pooled: first === again,
        apart: first !== other,
        refused,
        ended: await ended,
        fresh: afterwards[0] !== first,
      };
    }, configuration);
    expect(answer).toEqual({
      rows: [{ one: 1 }],
      pooled: true,
      apart: true,
      refused: ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'],
      ended: 'ended',
      fresh: true,
    });
  });
});
