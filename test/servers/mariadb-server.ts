import { existsSync } from 'node:fs';
import path from 'node:path';
import mysql2 from 'mysql2/promise';
import { createCertificates } from './certificates.ts';
import { freePort, shellCommand, startPrivateProcess } from './private-process.ts';

interface Account {
  user: string;
  password: string;
}

export interface MariadbServer extends AsyncDisposable {
  port: number;
  database: string;
  /** The authority that vouches for the server's certificate, PEM. */
  ca: string;
  users: {
    /** By mysql_native_password, with TLS or without. */
    native: Account;
    /** The same, but only over TLS; where the server has none, not at all. */
    tlsOnly: Account;
    /** By ed25519; undefined where the server does not bring the plugin. */
    ed25519: Account | undefined;
  };
  /** Runs SQL, several statements at once, as root, and gives the last one's rows. */
  admin(sql: string): Promise<Record<string, unknown>[]>;
  /** How many sessions the users have open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

const database = 'store';

/** Where the server's program is; undefined where MariaDB is not installed. */
export const mariadbProgram = (): string | undefined =>
  ['/usr/sbin/mariadbd', '/usr/bin/mariadbd', '/usr/libexec/mariadbd'].find((program) => existsSync(program));

const settings = {
  'bind-address': '127.0.0.1',
  'innodb-buffer-pool-size': '8M',
  'innodb-log-file-size': '4M',
  'innodb-flush-log-at-trx-commit': '0',
  'innodb-flush-method': 'nosync',
  'innodb-temp-data-file-path': 'ibtmp1:1M:autoextend',
};

const flags = (options: Record<string, string>) =>
  Object.entries(options).map(([name, value]) => `--${name}=${value}`);

async function runSql(socketPath: string, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await mysql2.createConnection({ socketPath, user: 'root', multipleStatements: true });
  try {
    const [result] = await connection.query(sql);
    const last: unknown = Array.isArray(result) && Array.isArray(result.at(-1)) ? result.at(-1) : result;
    return Array.isArray(last) ? (last as Record<string, unknown>[]) : [];
  } finally {
    await connection.end();
  }
}

/** A MariaDB of our own in a temporary folder, on a free port of the loopback, with users for the ways to log in. */
export async function startMariadb({ tls = true }: { tls?: boolean } = {}): Promise<MariadbServer> {
  const program = mariadbProgram();
  if (!program) throw new Error('MariaDB is not installed');
  const port = await freePort();
  const certificates = createCertificates();
  const server = await startPrivateProcess({
    name: 'mariadb',
    account: 'mysql',
    ready: /ready for connections/,
    async commands(folder) {
      const data = { datadir: path.join(folder.path, 'data'), ...settings };
      const tlsFiles = async () => ({
        'ssl-ca': await folder.write('ca.crt', certificates.ca),
        'ssl-cert': await folder.write('server.crt', certificates.server.cert),
        'ssl-key': await folder.write('server.key', certificates.server.key),
      });
      const places = {
        socket: path.join(folder.path, 'socket'),
        port: String(port),
        ...(tls ? await tlsFiles() : {}),
      };
      const init = [
        '--no-defaults',
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        '--skip-name-resolve',
      ];
      return [
        `${shellCommand(['mariadb-install-db', ...init, ...flags(data)])} >/dev/null`,
        `exec ${shellCommand([program, '--no-defaults', '--skip-name-resolve', ...flags({ ...data, ...places })])}`,
      ];
    },
  });

  const run = (sql: string) => runSql(path.join(server.folder.path, 'socket'), sql);
  const account = (user: string): Account => ({ user, password: `${user}'s sécret` });
  const users = {
    native: account('native_user'),
    tlsOnly: account('tls_user'),
    ed25519: account('ed25519_user'),
  };
  const secret = ({ password }: Account) => `'${password.replaceAll("'", "''")}'`;
  async function addEd25519(): Promise<Account | undefined> {
    try {
      await run("INSTALL SONAME 'auth_ed25519'");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ER_CANT_OPEN_LIBRARY') return undefined;
      throw error;
    }
    await run(`CREATE USER ed25519_user IDENTIFIED VIA ed25519 USING PASSWORD(${secret(users.ed25519)});
      GRANT ALL ON ${database}.* TO ed25519_user`);
    return users.ed25519;
  }
  try {
    await run(`CREATE DATABASE ${database} CHARACTER SET utf8mb4;
      CREATE USER native_user IDENTIFIED BY ${secret(users.native)};
      CREATE USER tls_user IDENTIFIED BY ${secret(users.tlsOnly)} REQUIRE SSL;
      GRANT ALL ON ${database}.* TO native_user, tls_user`);
    const ed25519 = await addEd25519();
    return {
      port,
      database,
      ca: certificates.ca,
      users: { ...users, ed25519 },
      admin: (sql) => run(`USE ${database}; ${sql}`),
      async connections() {
        const [row] = await run(
          "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE user LIKE '%\\_user'",
        );
        return Number(row?.n);
      },
      close: server.close,
      [Symbol.asyncDispose]: server.close,
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}
