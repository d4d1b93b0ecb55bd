import mysql from 'mysql';
import mysql2 from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWith } from './available.ts';
import { createCertificates } from './certificates.ts';
import { type MariadbServer, mariadbProgram, startMariadb } from './mariadb-server.ts';

interface Session {
  user: string;
  cipher: string;
}

const question =
  "SELECT SUBSTRING_INDEX(USER(), '@', 1) AS user, (SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'SSL_CIPHER') AS cipher";

type LogIn = (options: object) => Promise<Session>;

const logInWith: Record<string, LogIn> = {
  async mysql2(options) {
    const connection = await mysql2.createConnection(options);
    try {
      const [rows] = await connection.query(question);
      return (rows as unknown as Session[])[0]!;
    } finally {
      await connection.end();
    }
  },
  mysql: (options) =>
    new Promise((resolve, reject) => {
      const connection = mysql.createConnection(options);
      connection.query(question, (error, rows) => {
        connection.destroy();
        if (error) reject(error);
        else resolve(rows[0] as unknown as Session);
      });
    }),
};

await describeWith('MariaDB (installed)', mariadbProgram, () => {
  describe.each(Object.entries(logInWith))('through %s', (name, logIn) => {
    let server: MariadbServer;
    let common: object;
    let ssl: { ca: string };
    beforeAll(async () => {
      server = await startMariadb();
      common = { host: 'localhost', port: server.port, database: server.database };
      ssl = { ca: server.ca };
    });
    afterAll(() => server.close());

    it('takes a user by mysql_native_password, over TLS and without', async () => {
      const { native } = server.users;
      expect(await logIn({ ...common, ...native })).toEqual({ user: native.user, cipher: '' });
      const secure = await logIn({ ...common, ...native, ssl });
      expect(secure).toEqual({ user: native.user, cipher: expect.stringMatching(/./) });
      await expect(logIn({ ...common, ...native, password: 'wrong' })).rejects.toMatchObject({ errno: 1045 });
    });

    it('takes another over TLS alone', async () => {
      const { tlsOnly } = server.users;
      expect(await logIn({ ...common, ...tlsOnly, ssl })).toMatchObject({ user: tlsOnly.user });
      await expect(logIn({ ...common, ...tlsOnly })).rejects.toMatchObject({ errno: 1045 });
    });

    it('is trusted through its authority alone', async () => {
      const distrust = logIn({ ...common, ...server.users.native, ssl: { ca: createCertificates().ca } });
      await expect(distrust).rejects.toMatchObject({ code: 'HANDSHAKE_SSL_ERROR' });
    });

    it('has a user by ed25519, which the drivers do not know', async () => {
      const { ed25519 } = server.users;
      const plugins = await server.admin("SELECT plugin FROM mysql.user WHERE user = 'ed25519_user'");
      expect(plugins).toEqual(ed25519 ? [{ plugin: 'ed25519' }] : []);
      if (!ed25519) return;
      const unknown = /client_ed25519|ER_NOT_SUPPORTED_AUTH_MODE/;
      await expect(logIn({ ...common, ...ed25519 })).rejects.toThrow(unknown);
    });

    it('shows what was written, and who is there', async () => {
      await server.admin(
        "CREATE OR REPLACE TABLE users (email VARCHAR(100)); INSERT INTO users VALUES ('jane@example.com')",
      );
      expect(await server.admin('SELECT 1; SELECT email FROM users')).toEqual([
        { email: 'jane@example.com' },
      ]);
      const connection = await mysql2.createConnection({ ...common, ...server.users.native });
      expect(await server.connections(), name).toBeGreaterThanOrEqual(1);
      await connection.end();
    });
  });
});
