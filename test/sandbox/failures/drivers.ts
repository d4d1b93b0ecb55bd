/** What a driver is to connect to. All of it crosses into an isolate as JSON. */
export interface Target {
  host: string;
  port: number;
  user?: string;
  password?: string;
  database?: string;
  /** Asks for TLS, without checks of the certificate. */
  tls?: boolean;
  /** The driver's own limit for getting in. */
  timeoutMs?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a library is
type Require = (request: string) => any;
type Listener = (error?: Error | null) => void;

/** Connects and logs in, or fails with the driver's error. Its source is run in an isolate too: it sees nothing around it. */
export type Connect = (require: Require, target: Target) => Promise<unknown>;

/** By the names that scripts require them by. */
export const drivers = {
  pg: (require, { host, port, user = 'postgres', password = 'x', database = 'postgres', tls, timeoutMs }) => {
    const ssl = tls ? { rejectUnauthorized: false } : undefined;
    const options = { host, port, user, password, database, ssl, connectionTimeoutMillis: timeoutMs };
    const client = new (require('pg').Client)(options);
    client.on('error', () => {});
    return client.connect().then(() => client.end());
  },
  mysql: (require, { host, port, user = 'root', password = '', database, tls, timeoutMs = 5000 }) => {
    const ssl = tls ? { rejectUnauthorized: false } : undefined;
    const options = { host, port, user, password, database, ssl, connectTimeout: timeoutMs };
    const connection = require('mysql').createConnection(options);
    return new Promise((resolve, reject) =>
      connection.connect({ timeout: timeoutMs }, (error?: Error) =>
        error ? reject(error) : connection.end(resolve),
      ),
    );
  },
  mysql2: (require, { host, port, user = 'root', password = '', database, tls, timeoutMs = 5000 }) => {
    const ssl = tls ? { rejectUnauthorized: false } : undefined;
    const options = { host, port, user, password, database, ssl, connectTimeout: timeoutMs };
    return require('mysql2/promise')
      .createConnection(options)
      .then((connection: { end(): unknown }) => connection.end());
  },
  'mongodb@7': (require, { host, port, user, password = '', tls = false, timeoutMs = 400 }) => {
    const login = user === undefined ? {} : { auth: { username: user, password } };
    const options = { ...login, tls, tlsInsecure: tls ? true : undefined };
    const limits = { serverSelectionTimeoutMS: timeoutMs * 2, connectTimeoutMS: timeoutMs };
    const client = new (require('mongodb@7').MongoClient)(`mongodb://${host}:${port}/`, {
      ...options,
      ...limits,
    });
    return client.connect().finally(() => client.close());
  },
  'mongodb@3': (require, { host, port, user, password = '', tls = false, timeoutMs = 400 }) => {
    const login = user === undefined ? '' : `${user}:${encodeURIComponent(password)}@`;
    const options = { ssl: tls, sslValidate: false, connectTimeoutMS: timeoutMs, reconnectTries: 0 };
    const client = new (require('mongodb@3').MongoClient)(`mongodb://${login}${host}:${port}/`, options);
    return client.connect().then(() => client.close());
  },
  'tedious@20': (
    require,
    { host, port, user = 'app', password = 'x', database, tls = false, timeoutMs = 5000 },
  ) => {
    const { Connection } = require('tedious@20');
    const limits = { connectTimeout: timeoutMs, maxRetriesOnTransientErrors: 0 };
    const connection = new Connection({
      server: host,
      authentication: { type: 'default', options: { userName: user, password } },
      options: { port, database, encrypt: tls, trustServerCertificate: true, ...limits },
    });
    connection.on('error', () => {});
    return new Promise<void>((resolve, reject) =>
      connection.connect((error?: Error) => {
        if (error) return reject(error);
        connection.on('end', resolve);
        connection.close();
      }),
    );
  },
  'redis@6': (require, { host, port, user, password, database, tls = false, timeoutMs = 5000 }) => {
    const options = {
      host,
      port,
      tls,
      rejectUnauthorized: false,
      connectTimeout: timeoutMs,
      reconnectStrategy: false,
    };
    const login = {
      username: user,
      password,
      database: database === undefined ? undefined : Number(database),
    };
    const client = require('redis@6').createClient({ socket: options, ...login });
    client.on('error', () => {});
    return client.connect().then(() => client.close());
  },
  'redis@3': (require, { host, port, user, password, database, tls, timeoutMs = 5000 }) => {
    const ssl = tls ? { rejectUnauthorized: false } : undefined;
    const options = {
      host,
      port,
      user,
      password,
      db: database,
      tls: ssl,
      connect_timeout: timeoutMs,
      retry_strategy: () => undefined,
    };
    const client = require('redis@3').createClient(options);
    return new Promise((resolve, reject) => {
      client.on('error', reject);
      client.on('ready', () => client.quit(resolve));
    });
  },
  ioredis: (require, { host, port, user, password, database, tls, timeoutMs = 5000 }) => {
    const limits = { connectTimeout: timeoutMs, retryStrategy: () => null, maxRetriesPerRequest: 0 };
    const login = { username: user, password, db: Number(database ?? 0), enableReadyCheck: false };
    const secure = tls ? { tls: { rejectUnauthorized: false } } : {};
    const client = new (require('ioredis'))({
      host,
      port,
      lazyConnect: true,
      ...secure,
      ...login,
      ...limits,
    });
    return new Promise((resolve, reject) => {
      client.on('error', reject);
      client
        .connect()
        .then(() => client.quit())
        .then(resolve, reject);
    });
  },
  ldapjs: (require, { host, port, user = 'cn=nobody', password = 'x', tls, timeoutMs = 5000 }) => {
    const options = {
      timeout: timeoutMs,
      connectTimeout: timeoutMs,
      tlsOptions: { rejectUnauthorized: false },
    };
    const client = require('ldapjs').createClient({
      url: `${tls ? 'ldaps' : 'ldap'}://${host}:${port}`,
      ...options,
    });
    return new Promise<void>((resolve, reject) => {
      for (const event of ['error', 'connectRefused', 'connectTimeout', 'connectError', 'setupError'])
        client.on(event, reject);
      const done: Listener = (error) => {
        if (error) reject(error);
        else client.unbind(() => resolve());
      };
      client.on('connect', () => client.bind(user, password, done));
    });
  },
} satisfies Record<string, Connect>;

export type DriverName = keyof typeof drivers;
