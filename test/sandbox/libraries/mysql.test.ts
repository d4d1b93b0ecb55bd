import { expect, it } from 'vitest';
import { describeWith } from '../../servers/available.ts';
import { useGuest } from './use-guest.ts';

const guest = useGuest();

it('mysql and mysql2 have what needs no server', async () => {
  const answer = await guest(({ require }) => {
    const mysql = require('mysql@2.7.0');
    const mysql2 = require('mysql2');
    return {
      format: mysql.format('select ?? from users where email = ?', ['id', "o'brien@example.com"]),
      escaped: [mysql.escape("it's"), mysql2.escape([1, 'a']), mysql2.escapeId('a`b')],
      types: [mysql.Types.VAR_STRING, mysql2.Types.VAR_STRING],
      promises: typeof require('mysql2/promise').createPool,
    };
  });
  expect(answer).toEqual({
    format: "select `id` from users where email = 'o\\'brien@example.com'",
    escaped: ["'it\\'s'", "1, 'a'", '`a``b`'],
    types: [253, 253],
    promises: 'function',
  });
});

await describeWith('MariaDB', 3306, () => {
  it('mysql called as a factory makes a connection, as createConnection does', async () => {
    const answer = await guest(async ({ require }) => {
      const mysql = require('mysql');
      type Row = Record<string, unknown>;
      const query = (connection: { query: CallableFunction }, text: string, values: unknown[] = []) =>
        new Promise((resolve) =>
          connection.query(text, values, (error: (Error & { code: string }) | null, rows: Row[]) =>
            resolve(error ? error.code : rows.map((row) => ({ ...row }))),
          ),
        );
      const options = { host: '127.0.0.1', user: 'root', password: '' };
      const connection = mysql(options);
      connection.connect();
      const pool = mysql.createPool({ ...options, connectionLimit: 2 });
      const rows = [
        await query(connection, 'select ? as name, 1 + ? as sum', ['Jané', 1]),
        await query(connection, 'select * from nowhere.nothing'),
        await query(pool, 'select 2 as two'),
        await query(mysql.createConnection({ ...options, port: 1 }), 'select 1'),
      ];
      connection.end();
      pool.end();
      return rows;
    });
    expect(answer).toEqual([[{ name: 'Jané', sum: 2 }], 'ER_NO_SUCH_TABLE', [{ two: 2 }], 'ECONNREFUSED']);
  });

  it('mysql2 answers by promise and by callback, prepared statements too', async () => {
    const answer = await guest(async ({ require }) => {
      const options = { host: '127.0.0.1', user: 'root' };
      const connection = await require('mysql2/promise').createConnection(options);
      const [rows] = await connection.query('select ? as name', ['Jané']);
      const [prepared] = await connection.execute('select ? as name, now() as at', ['Jane']);
      await connection.end();
      const pool = require('mysql2').createPool(options);
      const called = await new Promise((resolve) =>
        pool.query('select 2 as two', (_error: Error, found: unknown) => resolve(found)),
      );
      pool.end();
      return { rows, prepared: [prepared[0].name, prepared[0].at instanceof Date], called };
    });
    expect(answer).toEqual({ rows: [{ name: 'Jané' }], prepared: ['Jane', true], called: [{ two: 2 }] });
  });

  it('bluebird.promisifyAll makes promises of a connection of mysql', async () => {
    const answer = await guest(async ({ require }) => {
      const mysql = require('mysql');
      const Bluebird = require('bluebird');
      const connection = Bluebird.promisifyAll(mysql.createConnection({ host: '127.0.0.1', user: 'root' }));
      await connection.connectAsync();
      const rows = await connection.queryAsync('select 5 as five');
      connection.end();
      return rows;
    });
    expect(answer).toEqual([{ five: 5 }]);
  });
});
