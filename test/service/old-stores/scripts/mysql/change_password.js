function changePassword(email, newPassword, callback) {
  const bcrypt = require('bcrypt');

  const connection = require('mysql').createConnection({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });

  connection.connect();

  bcrypt.hash(newPassword, 6, function (err, hash) {
    if (err) return callback(err);

    connection.query('UPDATE members SET pass = ? WHERE email = ?', [hash, email], function (err, results) {
      if (err) return callback(err);
      callback(null, results.affectedRows > 0);
    });
  });
}
