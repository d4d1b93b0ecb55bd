function changeEmail(email, newEmail, verified, callback) {
  var request = require('request');
  var call = {
    url: configuration.STORE_URL + '/users',
    json: { email: email, change: { email: newEmail, verified: verified } },
  };

  request
    .put(call, function (err, response, body) {
      if (err) return callback(err);
      if (response.statusCode === 404) return callback(null, false);
      callback(null, body.changed > 0);
    })
    .auth(configuration.STORE_USER, configuration.STORE_PASSWORD);
}
