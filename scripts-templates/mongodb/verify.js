/**
 * Marks an email address as verified: its owner has followed the link in the verification mail.
 *
 * @type {DrawbridgeScripts.Verify}
 */
async function verify(email, context, callback) {
  let changed;
  try {
    changed = await users().updateOne({ email_key: emailKey(email) }, { $set: { email_verified: true } });
  } catch (error) {
    return callback(failure(error));
  }

  if (changed.matchedCount === 0) {
    return callback(new Error('There is no user with this email address'));
  }
  return callback(null, true);

  // What is unique and searched for. Case counts for nothing from A to Z; other letters that look alike stay apart.
  function emailKey(email) {
    return String(email).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
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
