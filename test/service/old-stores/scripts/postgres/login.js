function login(email, password, callback) {
  var bcrypt = require('bcrypt');
  var pg = require('pg');

  pg.connect(configuration.PG_URL, function (err, client, done) {
    if (err) return callback(err);

    var sql = 'SELECT id, email, nick, pw_hash, confirmed FROM people WHERE lower(email) = lower($1)';
    client.query(sql, [email], function (err, result) {
      done();
      if (err) return callback(err);
      if (result.rows.length === 0) return callback(new WrongUsernameOrPasswordError());

      var person = result.rows[0];
      bcrypt.compare(password, person.pw_hash, function (err, matches) {
        if (err) return callback(err);
        if (!matches) return callback(new WrongUsernameOrPasswordError(person.id));

        callback(null, {
          user_id: person.id,
          email: person.email,
          nickname: person.nick,
          email_verified: person.confirmed,
        });
      });
    });
  });
}
