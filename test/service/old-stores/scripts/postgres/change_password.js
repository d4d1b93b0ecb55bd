function changePassword(email, newPassword, callback) {
  var bcrypt = require('bcrypt');
  var pg = require('pg');

  pg.connect(configuration.PG_URL, function (err, client, done) {
    if (err) return callback(err);

    bcrypt.genSalt(6, function (err, salt) {
      if (err) {
        done(err);
        return callback(err);
      }
      bcrypt.hash(newPassword, salt, function (err, hash) {
        if (err) {
          done(err);
          return callback(err);
        }
        client.query(
          'UPDATE people SET pw_hash = $1 WHERE email = $2',
          [hash, email],
          function (err, result) {
            done();
            if (err) return callback(err);
            callback(null, result.rowCount > 0);
          },
        );
      });
    });
  });
}
