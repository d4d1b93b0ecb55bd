import tls from 'node:tls';
import type { Connection, Request } from 'tedious';
import tedious from 'tedious';
import tedious1 from 'tedious-1';
import tedious11 from 'tedious-11';
import { createSecurePair } from './secure-pair.ts';

export type Tedious = Pick<typeof tedious, 'Connection' | 'Request' | 'TYPES'>;

export const generations: [name: string, driver: Tedious][] = [
  ['tedious 20', tedious],
  ['tedious 11', tedious11],
  ['tedious 1', tedious1],
];

export interface Target {
  port: number;
  user: string;
  password: string;
  options: Record<string, unknown>;
}

/** What a request brought: the rows in the shape that the options ask for, and those of its `row` events. */
export interface Answer {
  rowCount: number | undefined;
  rows: unknown;
  seen: unknown[];
}

export interface Client {
  /** With parameters by sp_executesql, without as a batch. */
  query(sql: string, parameters?: [name: string, type: unknown, value: unknown][]): Promise<Answer>;
  connection: Connection;
  close(): Promise<void>;
}

const settle = (resolve: () => void, reject: (error: unknown) => void) => (error?: unknown) =>
  error ? reject(error) : resolve();

/** A connection of any generation of tedious; they log in and call back in different ways. */
export async function connectTedious(driver: Tedious, target: Target): Promise<Client> {
  const isFirst = driver === tedious1;
  if (isFirst) Object.assign(tls, { createSecurePair });
  const { port, user, password, options } = target;
  const login = isFirst
    ? { userName: user, password }
    : { authentication: { type: 'default', options: { userName: user, password } } };
  const connection = new driver.Connection({
    server: 'localhost',
    ...login,
    options: { port, database: 'store', connectTimeout: 5000, maxRetriesOnTransientErrors: 0, ...options },
  } as unknown as ConstructorParameters<typeof Connection>[0]);
  await new Promise<void>((resolve, reject) => {
    connection.on('connect', settle(resolve, reject));
    connection.on('error', reject);
    if (!isFirst) connection.connect();
  });

  return {
    connection,
    query: (sql, parameters) =>
      new Promise((resolve, reject) => {
        const seen: unknown[] = [];
        const request: Request = new driver.Request(sql, (error, rowCount, rows) =>
          error ? reject(error) : resolve({ rowCount, rows, seen }),
        );
        request.on('row', (row: unknown) => seen.push(row));
        for (const [name, type, value] of parameters ?? []) {
          request.addParameter(name, type as Parameters<Request['addParameter']>[1], value);
        }
        if (parameters) connection.execSql(request);
        else connection.execSqlBatch(request);
      }),
    close: () =>
      new Promise((resolve) => {
        // One that has failed ends before anybody asks.
        if (connection.closed) resolve();
        connection.on('end', () => resolve());
        connection.close();
      }),
  };
}
