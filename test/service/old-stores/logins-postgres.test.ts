import { afterAll, beforeAll, test } from 'vitest';
import { describeWith } from '../../servers/available.ts';
import { type PostgresCluster, postgresPrograms, startPostgres } from '../../servers/postgres-cluster.ts';
import type { RunningService } from '../running-service.ts';
import { expectLogin, type Login, serveLogins } from './logins.ts';

const asPool = (options: string) => `
  require('pg').connect({
    host: configuration.HOST, port: configuration.PORT, database: configuration.DATABASE, ${options}
  }, (err, client, done) => {
    if (err) return callback(err);
    client.query('SELECT current_user AS name, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()', (err, result) => {
      done();
      callback(err, result && result.rows[0].name + (result.rows[0].ssl ? ' over TLS' : ''));
    });
  });`;

const scram = "user: 'scram_user', password: configuration.SCRAM_PASSWORD";
const md5 = "user: 'md5_user', password: configuration.MD5_PASSWORD";
const certificate =
  "user: 'cert_user', ssl: { ca: configuration.CA, cert: configuration.CERT, key: configuration.KEY }";

const byString = (query: string, before = '') => `
  const pg = require('pg');
  ${before}
  const password = encodeURIComponent(configuration.SCRAM_PASSWORD);
  const place = configuration.HOST + ':' + configuration.PORT + '/' + configuration.DATABASE;
  const client = new pg.Client('postgres://scram_user:' + password + '@' + place + '${query}');
  client.connect((err) => {
    if (err) return callback(err);
    client.query('SELECT current_user AS name', (err, result) => {
      client.end();
      callback(err, result && result.rows[0].name);
    });
  });`;

const untrusted = /self-signed certificate in certificate chain|unable to verify the first certificate/;
const logins: Login[] = [
  {
    name: 'scram with the CA',
    script: asPool(`${scram}, ssl: { ca: configuration.CA }`),
    session: 'scram_user over TLS',
  },
  {
    name: 'scram with the CA and its name',
    script: asPool(`${scram}, ssl: { ca: [configuration.CA], servername: 'localhost' }`),
    session: 'scram_user over TLS',
  },
  { name: 'scram without the CA', script: asPool(`${scram}, ssl: true`), failure: untrusted },
  {
    name: 'scram with another name',
    script: asPool(`${scram}, ssl: { ca: configuration.CA, servername: 'db.example.com' }`),
    failure:
      "Hostname/IP does not match certificate's altnames: Host: db.example.com. is not in the cert's altnames: DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
  },
  {
    name: 'scram unverified',
    script: asPool(`${scram}, ssl: { rejectUnauthorized: false }`),
    session: 'scram_user over TLS',
  },
  {
    name: 'scram in clear',
    script: asPool(scram),
    failure:
      'error: no pg_hba.conf entry for host "127.0.0.1", user "scram_user", database "[configuration.DATABASE]", no encryption',
  },
  {
    name: 'a wrong password',
    script: asPool("user: 'scram_user', password: 'wrong', ssl: { ca: configuration.CA }"),
    failure: 'error: password authentication failed for user "scram_user"',
  },
  { name: 'md5', script: asPool(md5), session: 'md5_user' },
  {
    name: 'md5 over TLS',
    script: asPool(`${md5}, ssl: { ca: configuration.CA }`),
    session: 'md5_user over TLS',
  },
  {
    name: 'a wrong md5 password',
    script: `
      const client = new (require('pg').Client)({
        host: configuration.HOST, port: configuration.PORT, database: configuration.DATABASE,
        user: 'md5_user', password: 'wrong'
      });
      client.connect((err) => callback(new Error([err.code, err.severity, err.routine, err.length > 0].join())));`,
    failure: '28P01,FATAL,auth_failed,true',
  },
  { name: 'a client certificate', script: asPool(certificate), session: 'cert_user over TLS' },
  {
    name: 'no client certificate',
    script: asPool("user: 'cert_user', ssl: { ca: configuration.CA }"),
    failure: 'error: connection requires a valid client certificate',
  },
  { name: 'sslmode no-verify', script: byString('?sslmode=no-verify'), session: 'scram_user' },
  { name: 'sslmode require', script: byString('?sslmode=require'), failure: untrusted },
  {
    name: 'TLS for all and no checks',
    script: byString('', "pg.defaults.ssl = true; process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';"),
    session: 'scram_user',
  },
  {
    name: 'an unknown database',
    script: asPool(`${scram}, ssl: { ca: configuration.CA }, database: 'nowhere'`),
    failure: 'error: database "nowhere" does not exist',
  },
];

await describeWith('PostgreSQL', postgresPrograms, () => {
  let cluster: PostgresCluster;
  let service: RunningService;
  beforeAll(async () => {
    cluster = await startPostgres();
    const { scram, md5, certificate } = cluster.users;
    service = await serveLogins(logins, {
      configuration: {
        HOST: '127.0.0.1',
        PORT: String(cluster.port),
        DATABASE: cluster.database,
        CA: cluster.ca,
        SCRAM_PASSWORD: scram.password,
        MD5_PASSWORD: md5.password,
        CERT: certificate.cert,
        KEY: certificate.key,
      },
      egress: [`127.0.0.1:${cluster.port}`, `localhost:${cluster.port}`],
    });
  });
  afterAll(async () => {
    await service?.stop();
    await cluster?.close();
  });

  test.each(logins)('$name', (login) => expectLogin(service, login));
});
