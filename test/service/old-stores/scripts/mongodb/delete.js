function remove(id, callback) {
  const mongodb = require('mongodb@3.1.4');
  const client = new mongodb.MongoClient(configuration.MONGO_URL);

  client.connect(function (err) {
    if (err) return callback(err);

    const accounts = client.db('directory').collection('accounts');
    accounts.remove({ _id: mongodb.ObjectID(id) }, function (err) {
      client.close();
      callback(err || null);
    });
  });
}
