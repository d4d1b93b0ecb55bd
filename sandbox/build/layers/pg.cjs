// pg 7 dropped what most scripts are written in: `pg.connect(conString, (error, client, done) => …)`, over pools that
// the module keeps, one for each connection string or configuration. Here it is over the Pool of pg 8.
const { EventEmitter } = require('node:events');

const noNative = () => {
  const message = 'ERR_METHOD_NOT_IMPLEMENTED: pg.native is not available to action scripts';
  throw Object.assign(new Error(message), { code: 'ERR_METHOD_NOT_IMPLEMENTED' });
};

const isFunction = (value) => typeof value === 'function';

const { call, apply, bind } = Object.getOwnPropertyDescriptors(Function.prototype);
const functionMethods = { call, apply, bind };

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

  function poolOf(config) {
    const key = JSON.stringify(config);
    const known = pools.get(key);
    if (known) return known;
    const { poolSize = pg.defaults.poolSize, ...options } =
      typeof config === 'string' ? { connectionString: config } : (config ?? {});
    const pool = new pg.Pool({ ...(poolSize === undefined ? {} : { max: poolSize }), ...options });
    // The pool has let go of the client; there may be nobody who wants to know.
    pool.on('error', (error, client) => {
      if (callable.listenerCount('error') > 0) callable.emit('error', error, client);
    });
    pools.set(key, pool);
    return pool;
  }

  function connect(config, callback) {
    if (isFunction(config)) return connect(undefined, config);
    const pool = poolOf(config);
    return callback ? pool.connect(callback) : pool.connect();
  }

  /** Ends all pools; what is connected afterwards gets new ones. */
  function end() {
    const ending = [...pools.values()].map((pool) => pool.end());
    pools.clear();
    Promise.all(ending).then(() => callable.emit('end'));
  }

  // On the platform that old scripts come from, `postgres(conString, callback)` connects: the module is that function.
  const callable = (...args) => connect(...args);
  Object.defineProperties(callable, Object.getOwnPropertyDescriptors(pg));
  Object.setPrototypeOf(callable, Object.create(EventEmitter.prototype, functionMethods));
  EventEmitter.call(callable);
  Object.defineProperty(callable, 'native', { get: noNative, configurable: true });
  return Object.assign(callable, { connect, end });
};
