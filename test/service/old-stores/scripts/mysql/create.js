function create(user, callback) {
  const mysql = require('mysql');
  const bcrypt = require('bcrypt');

  const connection = mysql.createConnection({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });

  connection.connect(function (err) {
    if (err) return callback(err);

    bcrypt.hash(user.password, 6, function (err, hash) {
      if (err) return callback(err);

      const row = { email: user.email, nickname: user.email.split('@')[0], pass: hash };
      connection.query('INSERT INTO members SET ?', row, function (err, result) {
        if (err && err.code === 'ER_DUP_ENTRY') return callback(new ValidationError('user_exists', 'taken'));
        if (err) return callback(err);
        callback(null, { user_id: String(result.insertId), email: user.email, nickname: row.nickname });
      });
    });
  });
}
