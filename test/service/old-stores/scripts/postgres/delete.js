function remove(id, callback) {
  var pg = require('pg');

  pg.connect(configuration.PG_URL, function (err, client, done) {
    if (err) return callback(err);

    client.query('DELETE FROM people WHERE id = $1', [id], function (err) {
      done();
      if (err) return callback(err);
      callback(null);
    });
  });
}
