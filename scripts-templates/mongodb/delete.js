/**
 * Deletes a user. Deleting one who is gone already succeeds, so that a deletion can be repeated.
 *
 * @type {DrawbridgeScripts.Delete}
 */
async function remove(userId, context, callback) {
  try {
    await users().deleteOne(byUserId(userId));
  } catch (error) {
    return callback(failure(error));
  }
  return callback(null);

  // A new user's _id is an ObjectId; a user that came from elsewhere may have a string.
  function byUserId(userId) {
    const { ObjectId } = require('mongodb@7');
    const value = String(userId);
    return { _id: /^[0-9a-f]{24}$/.test(value) ? new ObjectId(value) : value };
  }

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
