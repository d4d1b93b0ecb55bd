/**
 * Finds a user by user_id, or by identifier: an email address, a username or a phone number.
 * "Not found" is said only when the store said so. An outage is an Error: taken for "not found", it would let
 * a signup create the same person twice.
 *
 * @type {DrawbridgeScripts.GetUser}
 */
async function getUser(identifierValue, context, callback) {
  let user;
  try {
    const filter =
      context.identifierType === 'user_id' ? byUserId(identifierValue) : byIdentifier(identifierValue);
    user = await users().findOne(filter);
  } catch (error) {
    return callback(failure(error));
  }

  if (!user) return callback(null);
  return callback(null, toProfile(user));

  // A new user's _id is an ObjectId; a user that came from elsewhere may have a string.
  function byUserId(userId) {
    const { ObjectId } = require('mongodb@7');
    const value = String(userId);
    return { _id: /^[0-9a-f]{24}$/.test(value) ? new ObjectId(value) : value };
  }

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

  // The same in login, get_user and create: the same person must always come back with the same user_id.
  function toProfile(user) {
    return {
      user_id: String(user._id),
      email: user.email,
      email_verified: user.email_verified,
      username: user.username,
      phone_number: user.phone_number,
      phone_verified: user.phone_verified,
      name: user.name,
      given_name: user.given_name,
      family_name: user.family_name,
      nickname: user.nickname,
      picture: user.picture,
      user_metadata: user.user_metadata,
      app_metadata: user.app_metadata,
    };
  }
}
