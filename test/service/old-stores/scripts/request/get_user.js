function getByEmail(identifier, context, callback) {
  var request = require('request');
  var key = context.identifierType === 'user_id' ? 'id' : 'email';

  request(
    {
      url: configuration.STORE_URL + '/users',
      qs: { [key]: identifier },
      auth: { user: configuration.STORE_USER, pass: configuration.STORE_PASSWORD, sendImmediately: false },
      json: true,
    },
    function (err, response, body) {
      if (err) return callback(err);
      if (response.statusCode !== 200) return callback(new Error(response.statusMessage));
      if (body.length === 0) return callback(null);

      callback(null, {
        user_id: body[0].id.toString(),
        email: body[0].email,
        nickname: body[0].nick,
        email_verified: body[0].verified,
      });
    },
  );
}
