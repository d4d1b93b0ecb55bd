/**
 * Sets a new password. false says that nothing was changed, because there is no such user.
 *
 * @type {DrawbridgeScripts.ChangePassword}
 */
async function changePassword(identifier, newPassword, context, callback) {
  const bcrypt = require('bcrypt');

  // bcrypt reads 72 bytes: two longer passwords that begin alike would open the same account.
  if (Buffer.byteLength(newPassword) > 72) {
    return callback(new ValidationError('password_too_long', 'The password is longer than 72 bytes'));
  }

  let changed;
  try {
    const hash = await bcrypt.hash(newPassword, 10);
    changed = await users().updateOne(byIdentifier(identifier), { $set: { password_hash: hash } });
  } catch (error) {
    return callback(failure(error));
  }
  return callback(null, changed.matchedCount > 0);

  // By shape, and each kind in its own field: no username can stand in for somebody's email address.
  // String(): in a filter an object would be an operator.
  function byIdentifier(identifier) {
    const value = String(identifier);
    if (/^[^@]+@[^@]+$/.test(value)) return { email_key: emailKey(value) };
    return /^\+\d{1,15}$/.test(value) ? { phone_number: value } : { username: value };
  }

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
