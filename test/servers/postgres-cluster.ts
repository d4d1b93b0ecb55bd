import { readdirSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { createCertificates, type Identity } from './certificates.ts';
import { freePort, type PrivateFolder, shellCommand, startPrivateProcess } from './private-process.ts';

export interface PostgresCluster extends AsyncDisposable {
  port: number;
  database: string;
  /** The authority that vouches for the server's certificate, PEM. */
  ca: string;
  users: {
    /** With TLS, by SCRAM-SHA-256; without TLS it is let in only where the cluster has none. */
    scram: { user: string; password: string };
    /** By md5, with TLS or without. */
    md5: { user: string; password: string };
    /** Without a password. */
    trust: { user: string };
    /** By a client certificate with its name; only where the cluster has TLS. */
    certificate: { user: string } & Identity;
  };
  /** Runs SQL as the superuser and gives the last statement's rows. */
  admin(sql: string): Promise<Record<string, unknown>[]>;
  /** How many sessions the users have open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

const database = 'store';
const root = '/usr/lib/postgresql';

/** Where Debian puts the newest version's programs; undefined where PostgreSQL is not installed. */
export function postgresPrograms(): string | undefined {
  try {
    const [newest] = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    return newest && path.join(root, newest, 'bin');
  } catch {
    return undefined;
  }
}

/** Who may come in how: the first line that fits a connection decides. */
const accessRules = (tls: boolean) => `
local   all  postgres          trust
${tls ? 'hostssl' : 'host   '} all  scram_user  127.0.0.1/32  scram-sha-256
host    all  md5_user    127.0.0.1/32  md5
host    all  trust_user  127.0.0.1/32  trust
${tls ? 'hostssl all  cert_user   127.0.0.1/32  cert' : ''}
`;

const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '16MB',
  max_connections: '50',
  listen_addresses: '127.0.0.1',
};

async function tlsSettings(
  folder: PrivateFolder,
  ca: string,
  server: Identity,
): Promise<Record<string, string>> {
  return {
    ssl: 'on',
    ssl_cert_file: await folder.write('server.crt', server.cert),
    ssl_key_file: await folder.write('server.key', server.key),
    ssl_ca_file: await folder.write('ca.crt', ca),
  };
}

async function runSql(socketFolder: string, port: number, inDatabase: string, sql: string) {
  const client = new pg.Client({ host: socketFolder, port, user: 'postgres', database: inDatabase });
  await client.connect();
  try {
    const results = [await client.query(sql)].flat();
    return results.at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}

/** A PostgreSQL of our own in a temporary folder, on a free port of the loopback, with a user for each way to log in. */
export async function startPostgres({ tls = true }: { tls?: boolean } = {}): Promise<PostgresCluster> {
  const programs = postgresPrograms();
  if (!programs) throw new Error(`PostgreSQL's programs are not in ${root}`);
  const port = await freePort();
  const certificates = createCertificates();
  const server = await startPrivateProcess({
    name: 'postgres',
    account: 'postgres',
    ready: /ready to accept connections/,
    async commands(folder) {
      const data = path.join(folder.path, 'data');
      const all = {
        ...settings,
        ...(tls ? await tlsSettings(folder, certificates.ca, certificates.server) : {}),
        port: String(port),
        unix_socket_directories: folder.path,
        hba_file: await folder.write('pg_hba.conf', accessRules(tls)),
      };
      const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
      return [
        `${shellCommand([path.join(programs, 'initdb'), ...init])} >/dev/null`,
        `exec ${shellCommand([path.join(programs, 'postgres'), '-D', data, ...flags])}`,
      ];
    },
  });

  const run = (sql: string, inDatabase = database) => runSql(server.folder.path, port, inDatabase, sql);
  const users: PostgresCluster['users'] = {
    scram: { user: 'scram_user', password: 'scrâm secret' },
    md5: { user: 'md5_user', password: 'md5 secret' },
    trust: { user: 'trust_user' },
    certificate: { user: 'cert_user', ...certificates.client('cert_user') },
  };
  try {
    await run(`CREATE DATABASE ${database}`, 'postgres');
    await run(`
      SET password_encryption = 'scram-sha-256';
      CREATE USER scram_user PASSWORD '${users.scram.password}';
      SET password_encryption = 'md5';
      CREATE USER md5_user PASSWORD '${users.md5.password}';
      CREATE USER trust_user;
      CREATE USER cert_user;
      GRANT ALL ON SCHEMA public TO scram_user, md5_user, trust_user, cert_user;
      ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO scram_user, md5_user, trust_user, cert_user;
      ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO scram_user, md5_user, trust_user, cert_user`);
  } catch (error) {
    await server.close();
    throw error;
  }

  return {
    port,
    database,
    ca: certificates.ca,
    users,
    admin: (sql) => run(sql),
    async connections() {
      const [row] = await run(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename LIKE '%\\_user'",
      );
      return Number(row?.n);
    },
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  };
}
