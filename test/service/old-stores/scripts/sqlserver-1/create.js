function create(user, callback) {
  const bcrypt = require('bcrypt');
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

  const sql = 'INSERT INTO dbo.Customers (Email, Nickname, Password) VALUES (@Email, @Nickname, @Password)';

  connection.on('connect', function (err) {
    if (err) return callback(err);

    const request = new Request(sql, function (err, rowCount) {
      if (err && err.number === 2627) return callback(new ValidationError('user_exists', err.message));
      if (err) return callback(err);
      callback(null);
    });

    bcrypt.hash(user.password, 6, function (err, hash) {
      if (err) return callback(err);

      request.addParameter('Email', TYPES.VarChar, user.email);
      request.addParameter('Nickname', TYPES.NVarChar, user.email.split('@')[0]);
      request.addParameter('Password', TYPES.VarChar, hash);
      connection.execSql(request);
    });
  });
}
