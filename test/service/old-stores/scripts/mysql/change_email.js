function changeEmail(oldEmail, newEmail, verified, callback) {
  const connection = require('mysql').createConnection({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });

  connection.connect();

  const change = [{ email: newEmail, verified: verified }, oldEmail];
  connection.query('UPDATE members SET ? WHERE email = ?', change, function (err, results) {
    if (err) return callback(err);
    callback(null, results.changedRows > 0);
  });
}
