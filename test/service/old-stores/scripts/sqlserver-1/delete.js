function remove(id, callback) {
  const sqlserver = require('tedious@1.11.0');
  const Connection = sqlserver.Connection;
  const Request = sqlserver.Request;
  const TYPES = sqlserver.TYPES;

  const connection = new Connection({
    userName: configuration.SQL_USER,
    password: configuration.SQL_PASSWORD,
    server: configuration.SQL_SERVER,
    options: {
      port: Number(configuration.SQL_PORT),
      database: configuration.SQL_DATABASE,
      rowCollectionOnRequestCompletion: true,
    },
  });

  connection.on('connect', function (err) {
    if (err) return callback(err);

    const request = new Request('DELETE FROM dbo.Customers WHERE Id = @Id', function (err) {
      if (err) return callback(err);
      callback(null);
    });

    request.addParameter('Id', TYPES.VarChar, id);
    connection.execSql(request);
  });
}
