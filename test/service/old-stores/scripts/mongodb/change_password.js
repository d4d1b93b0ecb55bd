function changePassword(email, newPassword, callback) {
  const bcrypt = require('bcrypt');
  const MongoClient = require('mongodb@3.1.4').MongoClient;

  MongoClient.connect(configuration.MONGO_URL, { useNewUrlParser: true }, function (err, client) {
    if (err) return callback(err);

    bcrypt.hash(newPassword, 6, function (err, hash) {
      if (err) {
        client.close();
        return callback(err);
      }
      const accounts = client.db('directory').collection('accounts');
      accounts.updateOne({ email: email }, { $set: { secret: hash } }, function (err, outcome) {
        client.close();
        if (err) return callback(err);
        callback(null, outcome.matchedCount > 0);
      });
    });
  });
}
