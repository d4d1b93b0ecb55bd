function create(user, callback) {
  const bcrypt = require('bcrypt');
  const MongoClient = require('mongodb@3.1.4').MongoClient;
  const client = new MongoClient(configuration.MONGO_URL);

  client.connect(function (err) {
    if (err) return callback(err);

    const accounts = client.db('directory').collection('accounts');
    accounts.findOne({ email: user.email }, function (err, taken) {
      if (err || taken) {
        client.close();
        return callback(err || new ValidationError('user_exists', 'There is somebody with this address'));
      }

      bcrypt.hash(user.password, 6, function (err, hash) {
        if (err) {
          client.close();
          return callback(err);
        }
        const account = { email: user.email, nickname: 'new', secret: hash, joined: new Date() };
        accounts.insert(account, function (err, inserted) {
          client.close();
          if (err) return callback(err);
          callback(null, { user_id: inserted.ops[0]._id, email: user.email });
        });
      });
    });
  });
}
