function create(user, callback) {
  var request = require('request');

  request.post(
    {
      url: configuration.STORE_URL + '/users',
      json: { email: user.email, nick: user.email.split('@')[0], password: user.password },
      auth: { user: configuration.STORE_USER, pass: configuration.STORE_PASSWORD },
    },
    function (err, response, body) {
      if (err) return callback(err);
      if (response.statusCode === 409) return callback(new ValidationError('user_exists', body.message));
      if (response.statusCode !== 201) return callback(new Error('The store said ' + response.statusCode));
      callback(null);
    },
  );
}
