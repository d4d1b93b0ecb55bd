import { existsSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWith } from './available.ts';
import { createCertificates } from './certificates.ts';
import { type PostgresCluster, postgresPrograms, startPostgres } from './postgres-cluster.ts';

await describeWith('PostgreSQL (installed)', postgresPrograms, () => {
  /** The user that the server takes a client for, or its reason why not. */
  async function logIn(cluster: PostgresCluster, options: object): Promise<unknown> {
    const client = new pg.Client({
      host: 'localhost',
      port: cluster.port,
      database: cluster.database,
      ...options,
    });
    try {
      await client.connect();
      const [result] = [
        await client.query(
          'SELECT current_user AS name, (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls',
        ),
      ].flat();
      return result?.rows[0];
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    } finally {
      await client.end();
    }
  }

  describe('with TLS', () => {
    let cluster: PostgresCluster;
    let ssl: { ca: string };
    beforeAll(async () => {
      cluster = await startPostgres({ tls: true });
      ssl = { ca: cluster.ca };
    });
    afterAll(() => cluster.close());

    it('takes one user by SCRAM and only over TLS', async () => {
      const { scram } = cluster.users;
      expect(await logIn(cluster, { ...scram, ssl })).toEqual({ name: scram.user, tls: true });
      expect(await logIn(cluster, { ...scram, ssl, password: 'wrong' })).toBe('28P01');
      expect(await logIn(cluster, scram)).toBe('28000');
      const [stored] = await cluster.admin("SELECT rolpassword FROM pg_authid WHERE rolname = 'scram_user'");
      expect(stored?.rolpassword).toMatch(/^SCRAM-SHA-256\$/);
    });

    it('takes one by md5, over TLS and without', async () => {
      const { md5 } = cluster.users;
      expect(await logIn(cluster, { ...md5, ssl })).toEqual({ name: md5.user, tls: true });
      expect(await logIn(cluster, md5)).toEqual({ name: md5.user, tls: false });
      expect(await logIn(cluster, { ...md5, password: 'wrong' })).toBe('28P01');
      const [stored] = await cluster.admin("SELECT rolpassword FROM pg_authid WHERE rolname = 'md5_user'");
      expect(stored?.rolpassword).toMatch(/^md5/);
    });

    it('takes one by its certificate', async () => {
      const { user, cert, key } = cluster.users.certificate;
      expect(await logIn(cluster, { user, ssl: { ...ssl, cert, key } })).toEqual({ name: user, tls: true });
      expect(await logIn(cluster, { user, ssl })).toBe('28000');
      const stranger = createCertificates().client(user);
      expect(await logIn(cluster, { user, ssl: { ...ssl, ...stranger } })).not.toMatchObject({ name: user });
    });

    it('is trusted through its authority alone', async () => {
      const { scram } = cluster.users;
      expect(await logIn(cluster, { ...scram, ssl: { ca: createCertificates().ca } })).toMatch(
        /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/,
      );
    });

    it('lets its users read and write what the superuser made', async () => {
      await cluster.admin('CREATE TABLE users (id serial PRIMARY KEY, email text)');
      const client = new pg.Client({
        host: '127.0.0.1',
        port: cluster.port,
        database: cluster.database,
        ...cluster.users.trust,
      });
      await client.connect();
      await client.query('INSERT INTO users (email) VALUES ($1)', ['jane@example.com']);
      expect(await cluster.connections()).toBe(1);
      await client.end();
      expect(await cluster.admin('SELECT * FROM users')).toEqual([{ id: 1, email: 'jane@example.com' }]);
    });
  });

  it('does without TLS, and leaves nothing behind', async () => {
    const cluster = await startPostgres({ tls: false });
    const { scram } = cluster.users;
    const [row] = await cluster.admin("SELECT current_setting('data_directory') AS folder");
    expect(existsSync(String(row?.folder))).toBe(true);
    expect(await logIn(cluster, scram)).toEqual({ name: scram.user, tls: false });
    await cluster.close();
    expect(existsSync(String(row?.folder))).toBe(false);
    expect(await logIn(cluster, scram)).toBe('ECONNREFUSED');
  });
});
