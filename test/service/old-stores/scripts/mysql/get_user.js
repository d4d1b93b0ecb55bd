function getByEmail(identifier, context, callback) {
  const mysql = require('mysql');

  const connection = mysql.createConnection({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });

  connection.connect();

  const column = context.identifierType === 'user_id' ? 'id' : 'email';
  connection.query('SELECT * FROM members WHERE ' + column + ' = ?', [identifier], function (err, rows) {
    if (err || rows.length === 0) return callback(err);

    const member = rows[0];
    callback(null, {
      user_id: member.id.toString(),
      email: member.email,
      nickname: member.nickname,
      email_verified: member.verified,
    });
  });
}
