function login(email, password, callback) {
  const bcrypt = require('bcrypt');
  const MongoClient = require('mongodb@3.1.4').MongoClient;
  const client = new MongoClient(configuration.MONGO_URL);

  client.connect(function (err) {
    if (err) return callback(err);

    const accounts = client.db('directory').collection('accounts');
    accounts.findOne({ email: email }, function (err, account) {
      if (err || !account) {
        client.close();
        return callback(err || new WrongUsernameOrPasswordError());
      }

      bcrypt.compare(password, account.secret, function (err, same) {
        client.close();
        if (err) return callback(err);
        if (!same) return callback(new WrongUsernameOrPasswordError(account._id.toString()));

        callback(null, {
          user_id: account._id.toString(),
          email: account.email,
          nickname: account.nickname,
          email_verified: account.verified === true,
        });
      });
    });
  });
}
