function getByEmail(identifier, context, callback) {
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

  const column = context.identifierType === 'user_id' ? 'Id' : 'Email';
  const sql = 'SELECT Id, Nickname, Email, Verified FROM dbo.Customers WHERE ' + column + ' = @Value';

  connection.on('connect', function (err) {
    if (err) return callback(err);

    const request = new Request(sql, function (err, rowCount, rows) {
      if (err) return callback(err);
      if (rowCount < 1) return callback();

      callback(null, {
        user_id: rows[0][0].value,
        nickname: rows[0][1].value,
        email: rows[0][2].value,
        email_verified: rows[0][3].value,
      });
    });

    request.addParameter('Value', TYPES.VarChar, identifier);
    connection.execSql(request);
  });
}
