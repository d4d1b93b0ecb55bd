function verify(email, callback) {
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

    const sql = 'UPDATE dbo.Customers SET Verified = 1 WHERE Verified = 0 AND Email = @Email';
    const request = new Request(sql, function (err, rowCount) {
      if (err) return callback(err);
      callback(null, rowCount > 0);
    });

    request.addParameter('Email', TYPES.VarChar, email);
    connection.execSql(request);
  });
}
