function verify(email, callback) {
  var pg = require('pg');

  pg.connect(configuration.PG_URL, function (err, client, done) {
    if (err) return callback(err);

    client.query('UPDATE people SET confirmed = true WHERE email = $1', [email], function (err, result) {
      done();
      callback(err, result && result.rowCount > 0);
    });
  });
}
