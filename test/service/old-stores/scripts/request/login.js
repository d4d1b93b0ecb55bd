function login(email, password, callback) {
  request.get(
    {
      url: configuration.STORE_URL + '/me',
      auth: { username: email, password: password },
    },
    function (err, response, body) {
      if (err) return callback(err);
      if (response.statusCode === 401) return callback();
      if (response.statusCode !== 200) return callback(new Error('The store said ' + response.statusCode));

      var user = JSON.parse(body);
      callback(null, {
        user_id: user.id.toString(),
        email: user.email,
        nickname: user.nick,
        email_verified: user.verified,
      });
    },
  );
}
