/**
 * Creates a user and answers with the new profile, which passkey signups need.
 * A passkey signup has no password; the user is stored without one.
 *
 * @type {DrawbridgeScripts.Create}
 */
async function create(user, context, callback) {
  const bcrypt = require('bcrypt');

  // bcrypt reads 72 bytes: two longer passwords that begin alike would open the same account.
  if (Buffer.byteLength(user.password ?? '') > 72) {
    return callback(new ValidationError('password_too_long', 'The password is longer than 72 bytes'));
  }

  let newUser;
  try {
    // Named one by one: `user` also carries the passkey ceremony and the login transaction, which are not stored.
    // What is undefined is left out, and so takes no place in the unique indexes.
    newUser = {
      email: user.email ? String(user.email) : undefined,
      email_key: user.email ? emailKey(user.email) : undefined,
      email_verified: false,
      username: user.username ? String(user.username) : undefined,
      phone_number: user.phone_number ? String(user.phone_number) : undefined,
      phone_verified: false,
      password_hash: user.password ? await bcrypt.hash(user.password, 10) : undefined,
      name: user.name,
      given_name: user.given_name,
      family_name: user.family_name,
      nickname: user.nickname,
      picture: user.picture,
      user_metadata: user.user_metadata ?? {},
      app_metadata: user.app_metadata ?? {},
      created_at: new Date(),
    };
    const { insertedId } = await users().insertOne(newUser);
    newUser._id = insertedId;
  } catch (error) {
    // 11000: a unique index has the value already.
    if (error.code === 11000) {
      return callback(new ValidationError('user_exists', 'The user already exists'));
    }
    return callback(failure(error));
  }
  return callback(null, toProfile(newUser));

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
