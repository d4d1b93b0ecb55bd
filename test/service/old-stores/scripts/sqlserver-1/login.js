function login(email, password, callback) {
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

  const sql = 'SELECT Id, Nickname, Email, Password, Verified FROM dbo.Customers WHERE Email = @Email';

  connection
    .on('debug', function (text) {
      console.log(text);
    })
    .on('errorMessage', function (message) {
      console.log(JSON.stringify(message, null, 2));
    });

  connection.on('connect', function (err) {
    if (err) return callback(err);

    const request = new Request(sql, function (err, rowCount, rows) {
      if (err) return callback(err);
      if (rowCount < 1) return callback(new WrongUsernameOrPasswordError());

      bcrypt.compare(password, rows[0][3].value, function (err, same) {
        if (err || !same) return callback(err || new WrongUsernameOrPasswordError(rows[0][0].value));

        callback(null, {
          user_id: rows[0][0].value,
          nickname: rows[0][1].value,
          email: rows[0][2].value,
          email_verified: rows[0][4].value,
        });
      });
    });

    request.addParameter('Email', TYPES.VarChar, email);
    connection.execSql(request);
  });
}
