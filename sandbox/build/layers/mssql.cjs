// mssql 3 called a pool `Connection`, and until version 8 an address could be a URL: `mssql://user:password@host/db`.
module.exports = (mssql) => {
  const { ConnectionPool } = mssql;
  const parse = ConnectionPool.parseConnectionString;
  ConnectionPool.parseConnectionString = function (address) {
    return /^(?:mssql|sqlserver):\/\//i.test(address)
      ? configOf(new URL(address))
      : parse.call(this, address);
  };
  mssql.Connection = ConnectionPool;
  return mssql;
};

function configOf({ username, password, hostname, port, pathname, searchParams }) {
  const [, first = '', second] = pathname.split('/').map(decodeURIComponent);
  const config = {
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    server: hostname,
    database: second ?? first,
    options: {},
  };
  if (port) config.port = Number(port);
  // `/instance/database`
  if (second !== undefined) config.options.instanceName = first;
  for (const [name, value] of searchParams) {
    const read = /^(?:true|false|\d+)$/.test(value) ? JSON.parse(value) : value;
    if (['connectionTimeout', 'requestTimeout', 'stream', 'domain'].includes(name)) config[name] = read;
    else config.options[name] = read;
  }
  return config;
}
