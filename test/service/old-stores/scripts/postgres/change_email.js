function changeEmail(email, newEmail, verified, callback) {
  var pg = require('pg');

  pg.connect(configuration.PG_URL, function (err, client, done) {
    if (err) return callback(err);

    var sql = 'UPDATE people SET email = $2, confirmed = $3 WHERE email = $1';
    client.query({ text: sql, values: [email, newEmail, verified] }, function (err, result) {
      done();
      if (err) return callback(err);
      callback(null, result.rowCount === 1);
    });
  });
}
