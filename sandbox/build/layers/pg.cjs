// pg 7 dropped what most scripts are written in: `pg.connect(conString, (error, client, done) => …)`, over pools that
// the module keeps, one for each connection string or configuration. Here it is over the Pool of pg 8.
const { EventEmitter } = require('node:events');

const noNative = () => {
  const message = 'ERR_METHOD_NOT_IMPLEMENTED: pg.native is not available to action scripts';
  throw Object.assign(new Error(message), { code: 'ERR_METHOD_NOT_IMPLEMENTED' });
};

const isFunction = (value) => typeof value === 'function';

/** Without a callback a query of pg 6 tells of its rows by events; that of pg 8 is a promise. It is both here. */
function tellByEvents(pg) {
  const { query } = pg.Client.prototype;
  const events = ['on', 'once', 'addListener'];

  function withEvents(promise, made) {
    for (const method of events) {
      const listen = (event, listener) => {
        if (event === 'error') promise.catch(listener);
        else made[method](event, listener);
        return promise;
      };
      Object.defineProperty(promise, method, { value: listen });
    }
    return promise;
  }

  pg.Client.prototype.query = function (config, values, callback) {
    const isForCallback = [values, callback, config?.callback].some((it) => typeof it === 'function');
    if (isForCallback || !config || typeof config.submit === 'function')
      return query.call(this, config, values, callback);
    const made = new pg.Query(config, values);
    made.query_timeout = config.query_timeout;
    const promise = new Promise((resolve, reject) => {
      made.callback = (error, result) => (error ? reject(error) : resolve(result));
    }).catch((error) => {
      // So that it leads to the script, as pg's own does.
      Error.captureStackTrace(error);
      throw error;
    });
    query.call(this, made);
    return withEvents(promise, made);
  };
}

module.exports = (pg) => {
  tellByEvents(pg);
  const pools = new Map();
  const eventful = new WeakSet();

  function poolOf(config) {
    const key = JSON.stringify(config);
    const known = pools.get(key);
    if (known) return known;
    const { poolSize = pg.defaults.poolSize, ...options } =
      typeof config === 'string' ? { connectionString: config } : (config ?? {});
    const pool = new pg.Pool({ ...(poolSize === undefined ? {} : { max: poolSize }), ...options });
    // The pool has let go of the client; there may be nobody who wants to know.
    pool.on('error', (error, client) => {
      if (pg.listenerCount('error') > 0) pg.emit('error', error, client);
    });
    pools.set(key, pool);
    return pool;
  }

  /** Without a callback, `client.query` of pg 6 and earlier answered a query with events, which could be awaited too. */
  function withEvents(client) {
    if (!client || eventful.has(client)) return client;
    eventful.add(client);
    const plain = client.query;
    client.query = (config, ...rest) => {
      if (isFunction(config?.submit) || rest.some(isFunction)) return plain.call(client, config, ...rest);
      const query = new pg.Query(config, ...rest);
      let result;
      const settled = () => {
        result ??= new Promise((resolve, reject) => query.on('end', resolve).on('error', reject));
        return result;
      };
      Object.defineProperties(query, {
        // biome-ignore lint/suspicious/noThenProperty: a query of pg 6 is to be awaited
        then: { value: (...handlers) => settled().then(...handlers) },
        catch: { value: (...handlers) => settled().catch(...handlers) },
      });
      return plain.call(client, query);
    };
    return client;
  }

  function connect(config, callback) {
    if (isFunction(config)) return connect(undefined, config);
    const pool = poolOf(config);
    if (!callback) return pool.connect().then(withEvents);
    return pool.connect((error, client, done) => callback(error, withEvents(client), done));
  }

  /** Ends all pools; what is connected afterwards gets new ones. */
  function end() {
    const ending = [...pools.values()].map((pool) => pool.end());
    pools.clear();
    Promise.all(ending).then(() => pg.emit('end'));
  }

  Object.setPrototypeOf(Object.getPrototypeOf(pg), EventEmitter.prototype);
  EventEmitter.call(pg);
  Object.defineProperty(pg, 'native', { get: noNative, configurable: true });
  return Object.assign(pg, { connect, end });
};
