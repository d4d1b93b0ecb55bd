function changeEmail(email, newEmail, verified, callback) {
  const MongoClient = require('mongodb@3.1.4').MongoClient;
  const client = new MongoClient(configuration.MONGO_URL);

  client.connect(function (err) {
    if (err) return callback(err);

    const change = { $set: { email: newEmail, verified: verified } };
    client
      .db('directory')
      .collection('accounts')
      .findOneAndUpdate({ email: email }, change, { returnOriginal: false }, function (err, outcome) {
        client.close();
        if (err) return callback(err);
        callback(null, outcome.value !== null);
      });
  });
}
