// The global `mysql_pool` of old scripts: one pool for each configuration or address, kept by the module.
const mysql = require('mysql');

/** Of a pool whose configuration names no limit, as on the platform that the scripts come from. */
const CONNECTION_LIMIT = 30;

const pools = new Map();

function optionsOf(config) {
  if (typeof config !== 'string') return { connectionLimit: CONNECTION_LIMIT, ...config };
  const url = new URL(config);
  if (!url.searchParams.has('connectionLimit')) url.searchParams.set('connectionLimit', CONNECTION_LIMIT);
  return url.href;
}

module.exports = (config) => {
  const key = JSON.stringify(config);
  if (!pools.has(key)) pools.set(key, mysql.createPool(optionsOf(config)));
  return pools.get(key);
};
