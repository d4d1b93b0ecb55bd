function getByEmail(identifier, context, callback) {
  var pg = require('pg');
  var byId = context.identifierType === 'user_id';

  pg.connect(configuration.PG_URL, function (err, client, done) {
    if (err) return callback(err);

    var where = byId ? 'id::text = $1' : 'lower(email) = lower($1)';
    client.query(
      'SELECT id, email, nick, confirmed FROM people WHERE ' + where,
      [identifier],
      function (err, result) {
        done();
        if (err) return callback(err);
        if (result.rowCount < 1) return callback(null);

        var person = result.rows[0];
        callback(null, {
          user_id: person.id,
          email: person.email,
          nickname: person.nick,
          email_verified: person.confirmed,
        });
      },
    );
  });
}
