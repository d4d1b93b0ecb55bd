function verify(email, callback) {
  var request = require('request').defaults({
    baseUrl: configuration.STORE_URL,
    auth: { user: configuration.STORE_USER, pass: configuration.STORE_PASSWORD },
  });

  request.put(
    { uri: '/users', json: { email: email, change: { verified: true } } },
    function (err, response, body) {
      if (err) return callback(err);
      if (response.statusCode === 404) return callback(null, false);
      callback(null, body.changed > 0);
    },
  );
}
