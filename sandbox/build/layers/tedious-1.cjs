// The global `sqlserver` of old scripts was tedious with a `connect` and with `Types`, and its rows had their columns by
// name as well as by number: `fields.Email.value`.
module.exports = (tedious) => {
  class Request extends tedious.Request {
    emit(event, columns, ...more) {
      if (event === 'row' && Array.isArray(columns)) nameColumns(columns);
      return super.emit(event, columns, ...more);
    }
  }
  function connect(config, listener) {
    const connection = new tedious.Connection(config);
    if (listener) connection.on('connect', listener);
    return connection;
  }
  return { ...tedious, Request, connect, Types: tedious.TYPES };
};

function nameColumns(columns) {
  for (const column of columns) {
    const name = column.metadata?.colName;
    // An array's own names stay what they are.
    if (!name || name in columns) continue;
    Object.defineProperty(columns, name, { value: column, configurable: true, writable: true });
  }
}
