/**
 * Checks a password. The identifier is whatever the user typed: an email address, a username or a phone number.
 *
 * @type {DrawbridgeScripts.Login}
 */
async function login(identifier, password, context, callback) {
  const bcrypt = require('bcrypt');

  let user;
  let matches;
  try {
    user = await users().findOne(byIdentifier(identifier));
    // Somebody unknown, and a user without a password, take as long as a wrong password: nobody's fits this hash.
    const unknown = '$2b$10$VCDQLcTu76Tr9i7isdc1Leu/BK2XlklH1fvtJAi9LoSLUX2bXB5dG';
    matches = await bcrypt.compare(password, user?.password_hash ?? unknown);
  } catch (error) {
    return callback(failure(error));
  }

  if (!user?.password_hash || !matches) {
    // With a user_id the log says "wrong password", with null "no such user".
    const knownUserId = user ? String(user._id) : null;
    return callback(new WrongUsernameOrPasswordError(knownUserId, 'Wrong username or password'));
  }
  return callback(null, toProfile(user));

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
