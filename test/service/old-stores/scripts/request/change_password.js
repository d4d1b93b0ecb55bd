function changePassword(email, newPassword, callback) {
  var request = require('request');
  var basic = new Buffer(configuration.STORE_USER + ':' + configuration.STORE_PASSWORD).toString('base64');

  request(
    {
      method: 'PUT',
      url: configuration.STORE_URL + '/users',
      headers: { 'Content-Type': 'application/json', Authorization: 'Basic ' + basic },
      body: JSON.stringify({ email: email, change: { password: newPassword } }),
    },
    function (err, response, body) {
      if (err) return callback(err);
      if (response.statusCode === 404) return callback(null, false);
      callback(null, JSON.parse(body).changed > 0);
    },
  );
}
