// pg 7 dropped what most scripts are written in: `pg.connect(conString, (error, client, done) => …)`, over pools that
// the module keeps, one for each connection string or configuration. Here it is over the Pool of pg 8.
const { EventEmitter } = require('node:events');

const noNative = () => {
  const message = 'ERR_METHOD_NOT_IMPLEMENTED: pg.native is not available to action scripts';
  throw Object.assign(new Error(message), { code: 'ERR_METHOD_NOT_IMPLEMENTED' });
};

module.exports = (pg) => {
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
      if (pg.listenerCount('error') > 0) pg.emit('error', error, client);
    });
    pools.set(key, pool);
    return pool;
  }

  function connect(config, callback) {
    if (typeof config === 'function') return poolOf(undefined).connect(config);
    return poolOf(config).connect(callback);
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
