function login(email, password, callback) {
  const mysql = require('mysql');
  const bcrypt = require('bcrypt');

  const connection = mysql({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });

  connection.connect();

  const sql = 'SELECT id, email, nickname, pass, verified FROM members WHERE email = ?';
  connection.query(sql, [email], function (err, rows) {
    if (err) return callback(err);
    if (rows.length === 0) return callback(new WrongUsernameOrPasswordError());

    const member = rows[0];
    bcrypt.compare(password, member.pass, function (err, same) {
      if (err || !same) return callback(err || new WrongUsernameOrPasswordError(member.id.toString()));

      callback(null, {
        user_id: member.id.toString(),
        email: member.email,
        nickname: member.nickname,
        email_verified: member.verified,
      });
    });
  });
}
