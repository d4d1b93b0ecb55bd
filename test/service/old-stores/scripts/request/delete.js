function remove(id, callback) {
  var request = require('request');

  request.del(
    {
      url: configuration.STORE_URL + '/users/' + encodeURIComponent(id),
      auth: { user: configuration.STORE_USER, pass: configuration.STORE_PASSWORD },
    },
    function (err, response) {
      if (err) return callback(err);
      if (response.statusCode !== 204 && response.statusCode !== 404)
        return callback(new Error(response.statusMessage));
      callback(null);
    },
  );
}
