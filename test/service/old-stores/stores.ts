import { randomBytes } from 'node:crypto';
import mysql2 from 'mysql2/promise';
import pg from 'pg';
import { createCertificates } from '../../servers/certificates.ts';
import { startMongoServer } from '../../servers/mongo-server.ts';
import { startTdsServer, type TdsServer } from '../../servers/tds-server.ts';
import type { OldStore } from './old-store.ts';

/** No other test run of this machine has a database of this name. */
const databaseName = () => `drawbridge_${randomBytes(6).toString('hex')}`;

type Row = Record<string, unknown>;

/** A store that the test looks into and fills, past the scripts. */
export interface SqlStore extends OldStore {
  admin(sql: string): Promise<Row[]>;
}

/** A database of our own on the PostgreSQL of this machine. */
export async function startPostgresStore(schema: string): Promise<SqlStore> {
  const place = { host: '127.0.0.1', port: 5432, user: 'postgres' };
  const database = databaseName();
  async function asSuperuser(sql: string): Promise<void> {
    const client = new pg.Client({ ...place, database: 'postgres' });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  }
  await asSuperuser(`CREATE DATABASE ${database}`);
  const client = new pg.Client({ ...place, database });
  await client.connect();
  const admin = async (sql: string) => [await client.query(sql)].flat().at(-1)?.rows ?? [];
  await admin(schema);
  return {
    admin,
    configuration: { PG_URL: `postgres://postgres:p%40ss@127.0.0.1:5432/${database}` },
    egress: ['127.0.0.1:5432'],
    async connections() {
      const [row] = await admin(
        'SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      return Number(row?.n);
    },
    async close() {
      await client.end();
      await asSuperuser(`DROP DATABASE ${database} WITH (FORCE)`);
    },
  };
}

/** A database and a user of our own on the MariaDB of this machine. */
export async function startMysqlStore(schema: string): Promise<SqlStore> {
  const name = databaseName();
  const password = `pässword of '${name}'`;
  const client = await mysql2.createConnection({ host: '127.0.0.1', user: 'root', multipleStatements: true });
  await client.query(
    `CREATE DATABASE ${name} CHARACTER SET utf8mb4; CREATE USER ${name}@'%' IDENTIFIED BY ?; GRANT ALL ON ${name}.* TO ${name}@'%'; USE ${name}; ${schema}`,
    [password],
  );
  const admin = async (sql: string) => (await client.query(sql))[0] as Row[];
  return {
    admin,
    configuration: {
      DB_HOST: '127.0.0.1',
      DB_PORT: '3306',
      DB_USER: name,
      DB_PASSWORD: password,
      DB_NAME: name,
    },
    egress: ['127.0.0.1:3306'],
    async connections() {
      const [row] = await admin(
        `SELECT COUNT(*) AS n FROM information_schema.processlist WHERE user = '${name}'`,
      );
      return Number(row?.n);
    },
    async close() {
      await client.query(`DROP USER ${name}@'%'; DROP DATABASE ${name}`);
      await client.end();
    },
  };
}

/** A store whose accounts the test looks into and fills, past the scripts. */
export interface MongoStore extends OldStore {
  insert(account: object): void;
  find(filter: object): Row[];
}

/** `database`: the one that its address names. */
export async function startMongoStore(options: { database?: string } = {}): Promise<MongoStore> {
  const server = await startMongoServer({ user: 'app', password: 'sécret / of mongo', ...options });
  const accounts = server.collection('accounts', 'directory');
  return {
    insert: (account) => void accounts.insert(account),
    find: (filter) => accounts.find(filter),
    configuration: { MONGO_URL: server.url },
    egress: [`127.0.0.1:${server.port}`],
    connections: server.connections,
    close: server.close,
  };
}

export async function startSqlServerStore(schema: string): Promise<OldStore & Pick<TdsServer, 'sql'>> {
  const account = { user: 'app', password: 'sécret of SQL Server' };
  const server = await startTdsServer({ ...account, tls: createCertificates().server, schema });
  return {
    sql: server.sql,
    configuration: {
      SQL_SERVER: 'localhost',
      SQL_PORT: String(server.port),
      SQL_USER: account.user,
      SQL_PASSWORD: account.password,
      SQL_DATABASE: 'store',
    },
    egress: [`localhost:${server.port}`],
    connections: server.connections,
    close: server.close,
  };
}
