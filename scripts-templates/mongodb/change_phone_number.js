/**
 * Changes a phone number, or whether it is verified. false says that there is no such user.
 *
 * @type {DrawbridgeScripts.ChangePhoneNumber}
 */
async function changePhoneNumber(phoneNumber, newPhoneNumber, verified, context, callback) {
  let changed;
  try {
    changed = await users().updateOne(
      { phone_number: String(phoneNumber) },
      { $set: { phone_number: String(newPhoneNumber), phone_verified: verified === true } },
    );
  } catch (error) {
    // 11000: a unique index has the value already.
    if (error.code === 11000) {
      return callback(new ValidationError('user_exists', 'Another user has this phone number'));
    }
    return callback(failure(error));
  }
  return callback(null, changed.matchedCount > 0);

  // The client is made once and kept, with its connections, for the executions that follow; the same in all nine scripts.
  function users() {
    if (!global.usersClient) {
      const { MongoClient } = require('mongodb@7');
      // A dashboard's field has one line: there, write \n for the line breaks of the PEM.
      const ca = configuration.DB_CA ? configuration.DB_CA.replace(/\\n/g, '\n') : undefined;
      global.usersClient = new MongoClient(configuration.DB_URI, {
        tls: configuration.DB_TLS !== 'off',
        ...(ca ? { ca } : {}),
        maxPoolSize: 2, // an execution has the client to itself
        serverSelectionTimeoutMS: 5000, // these together are less than the script's own deadline
        connectTimeoutMS: 5000,
        socketTimeoutMS: 8000,
        ignoreUndefined: true,
      });
    }
    return global.usersClient.db(configuration.DB_NAME).collection('users');
  }

  // The kind of failure alone: messages may hold the connection string. The next execution begins with a new client.
  function failure(error) {
    const client = global.usersClient;
    global.usersClient = undefined;
    if (client) client.close().catch(() => {});
    return new Error(`The database failed: ${error.codeName || error.name}`);
  }
}
