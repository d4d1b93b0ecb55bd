function verify(email, callback) {
  const connection = require('mysql').createConnection({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });

  connection.connect();

  const sql = 'UPDATE members SET verified = true WHERE verified = false AND email = ?';
  connection.query(sql, [email], function (err, results) {
    if (err) return callback(err);
    callback(null, results.affectedRows > 0);
  });
}
