function remove(id, callback) {
  const connection = require('mysql').createConnection({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });

  connection.connect();

  connection.query('DELETE FROM members WHERE id = ?', [id], function (err) {
    if (err) return callback(err);
    callback(null);
  });
}
