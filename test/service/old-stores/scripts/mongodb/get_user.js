function getByEmail(identifier, context, callback) {
  const mongodb = require('mongodb@3.1.4');
  const client = new mongodb.MongoClient(configuration.MONGO_URL);

  let query = { email: identifier };
  if (context.identifierType === 'user_id') {
    if (!mongodb.ObjectID.isValid(identifier)) return callback(null);
    query = { _id: new mongodb.ObjectID(identifier) };
  }

  client.connect(function (err) {
    if (err) return callback(err);

    client
      .db('directory')
      .collection('accounts')
      .findOne(query, function (err, account) {
        client.close();
        if (err) return callback(err);
        if (!account) return callback(null, null);

        callback(null, {
          user_id: account._id,
          email: account.email,
          nickname: account.nickname,
          email_verified: account.verified === true,
          app_metadata: { joined: account.joined, reference: account._id },
        });
      });
  });
}
