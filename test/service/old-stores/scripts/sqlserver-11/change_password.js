function changePassword(email, newPassword, callback) {
  const bcrypt = require('bcrypt');
  const sqlserver = require('tedious@11.0.3');
  const Connection = sqlserver.Connection;
  const Request = sqlserver.Request;
  const TYPES = sqlserver.TYPES;

  const connection = new Connection({
    server: configuration.SQL_SERVER,
    authentication: {
      type: 'default',
      options: { userName: configuration.SQL_USER, password: configuration.SQL_PASSWORD },
    },
    options: {
      port: Number(configuration.SQL_PORT),
      database: configuration.SQL_DATABASE,
      encrypt: true,
      trustServerCertificate: true,
      rowCollectionOnRequestCompletion: true,
    },
  });

  connection.on('connect', function (err) {
    if (err) return callback(err);

    const sql = 'UPDATE dbo.Customers SET Password = @Password WHERE Email = @Email';
    const request = new Request(sql, function (err, rowCount) {
      connection.close();
      if (err) return callback(err);
      callback(null, rowCount > 0);
    });

    bcrypt.hash(newPassword, 6, function (err, hash) {
      if (err) return callback(err);

      request.addParameter('Password', TYPES.VarChar, hash);
      request.addParameter('Email', TYPES.VarChar, email);
      connection.execSql(request);
    });
  });

  connection.connect();
}
