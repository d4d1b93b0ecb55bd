function create(user, callback) {
  var bcrypt = require('bcrypt');
  var pg = require('pg');

  pg.connect(configuration.PG_URL, function (err, client, done) {
    if (err) return callback(err);

    bcrypt.hash(user.password, 6, function (err, hash) {
      if (err) {
        done();
        return callback(err);
      }
      var values = [user.email, user.nickname || user.email.split('@')[0], hash];
      client.query(
        'INSERT INTO people (email, nick, pw_hash) VALUES ($1, $2, $3)',
        values,
        function (err, result) {
          done();
          if (err && err.code === '23505')
            return callback(new ValidationError('user_exists', 'This address is taken'));
          if (err) return callback(err);
          if (result.rowCount === 0) return callback(new Error('Nothing was inserted'));
          callback(null);
        },
      );
    });
  });
}
