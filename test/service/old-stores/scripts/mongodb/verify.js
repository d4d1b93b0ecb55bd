function verify(email, callback) {
  const MongoClient = require('mongodb@3.1.4').MongoClient;
  const client = new MongoClient(configuration.MONGO_URL);

  client.connect(function (err) {
    if (err) return callback(err);

    const accounts = client.db('directory').collection('accounts');
    accounts.update({ email: email }, { $set: { verified: true } }, function (err, outcome) {
      client.close();
      if (err) return callback(err);
      callback(null, outcome.result.n > 0);
    });
  });
}
