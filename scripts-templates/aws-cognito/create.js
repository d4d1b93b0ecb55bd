/**
 * Creates a user and answers with the new profile, which passkey signups need.
 * A passkey signup has no password; the user then has one that nobody knows.
 *
 * @type {DrawbridgeScripts.Create}
 */
async function create(user, context, callback) {
  const cognito = require('@aws-sdk/client-cognito-identity-provider');
  const { randomUUID } = require('crypto');

  // Named one by one: `user` also carries the passkey ceremony and the login transaction, which are not stored.
  const given = {
    email: user.email && lowerCase(user.email),
    email_verified: user.email && 'false',
    phone_number: user.phone_number,
    phone_number_verified: user.phone_number && 'false',
    name: user.name,
    given_name: user.given_name,
    family_name: user.family_name,
    nickname: user.nickname,
    picture: user.picture,
    // Custom attributes, which the pool must have: sent only when there is something in them.
    'custom:user_metadata': asJson(user.user_metadata),
    'custom:app_metadata': asJson(user.app_metadata),
  };
  const UserAttributes = Object.entries(given)
    .filter(([, value]) => value)
    .map(([Name, Value]) => ({ Name, Value }));

  let created;
  let refused = false;
  let taken;
  try {
    taken =
      (user.email && (await findByEmail(user.email)) !== undefined) ||
      (user.phone_number && (await findBy('phone_number', user.phone_number)) !== undefined);
    if (!taken) {
      // A pool's usernames never change; whoever has none yet gets a UUID, which toProfile leaves out.
      const Username = user.username || randomUUID();
      // Suppressed: the auth server writes to its users itself.
      const answer = await call('AdminCreateUser', { Username, UserAttributes, MessageAction: 'SUPPRESS' });
      created = answer.User;
      // Without a password the pool makes up one that nobody learns.
      if (user.password) refused = !(await setPassword(Username));
    }
  } catch (error) {
    if (['UsernameExistsException', 'AliasExistsException'].includes(error.name)) {
      return callback(new ValidationError('user_exists', 'The user already exists'));
    }
    return callback(new Error(`The user pool failed: ${error.code || error.name}`));
  }

  if (taken) return callback(new ValidationError('user_exists', 'The user already exists'));
  if (refused) {
    return callback(new ValidationError('invalid_password', 'The user pool refuses this password'));
  }
  return callback(null, toProfile(created));

  function asJson(metadata) {
    return metadata && Object.keys(metadata).length > 0 ? JSON.stringify(metadata) : undefined;
  }

  // A user whose password cannot be set is taken back: nobody could log in, and the identifiers would be gone.
  async function setPassword(Username) {
    try {
      await call('AdminSetUserPassword', { Username, Password: user.password, Permanent: true });
      return true;
    } catch (error) {
      await call('AdminDeleteUser', { Username });
      if (/^(InvalidPassword|PasswordHistoryPolicyViolation)Exception$/.test(error.name)) return false;
      throw error;
    }
  }

  // These scripts store addresses in lower case; a pool may hold others from before, as they were typed.
  async function findByEmail(email) {
    const lower = lowerCase(email);
    return (await findBy('email', lower)) ?? (lower === email ? undefined : findBy('email', email));
  }

  // A filter is text: quotes in the value are escaped, and what comes back must have the value that was asked for.
  async function findBy(attribute, value) {
    const Filter = `${attribute} = "${value.replace(/["\\]/g, '\\$&')}"`;
    const { Users } = await call('ListUsers', { Filter });
    return Users.find((user) => {
      const found = attribute === 'username' ? user.Username : attributesOf(user)[attribute];
      return found === value || (attribute === 'email' && found && lowerCase(found) === lowerCase(value));
    });
  }

  // From A to Z alone: other letters that look alike stay apart.
  function lowerCase(email) {
    return email.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  }

  function call(operation, parameters) {
    const Command = cognito[`${operation}Command`];
    return usersPool().send(new Command({ UserPoolId: configuration.COGNITO_USER_POOL_ID, ...parameters }));
  }

  // Made once and kept, with its connections, for the executions that follow; the same in all scripts.
  function usersPool() {
    if (!global.usersPool) {
      global.usersPool = new cognito.CognitoIdentityProviderClient({
        region: configuration.COGNITO_REGION,
        endpoint: configuration.COGNITO_ENDPOINT || undefined, // only for an emulator
        credentials: {
          accessKeyId: configuration.COGNITO_ACCESS_KEY_ID,
          secretAccessKey: configuration.COGNITO_SECRET_ACCESS_KEY,
        },
        maxAttempts: 2,
        // Two attempts of one call take less than the script's own deadline.
        requestHandler: { connectionTimeout: 3000, requestTimeout: 5000, throwOnRequestTimeout: true },
      });
    }
    return global.usersPool;
  }

  function attributesOf(user) {
    return Object.fromEntries(user.Attributes.map(({ Name, Value }) => [Name, Value]));
  }

  // The same in login, get_user and create: the same person must always come back with the same user_id.
  function toProfile(user) {
    const attributes = attributesOf(user);
    const isGenerated = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(user.Username);
    const flag = (name) => (attributes[name] === undefined ? undefined : attributes[name] === 'true');
    return {
      user_id: attributes.sub,
      email: attributes.email,
      email_verified: flag('email_verified'),
      username: isGenerated ? undefined : user.Username,
      phone_number: attributes.phone_number,
      phone_verified: flag('phone_number_verified'),
      name: attributes.name,
      given_name: attributes.given_name,
      family_name: attributes.family_name,
      nickname: attributes.nickname,
      picture: attributes.picture,
      user_metadata: JSON.parse(attributes['custom:user_metadata'] ?? '{}'),
      app_metadata: JSON.parse(attributes['custom:app_metadata'] ?? '{}'),
    };
  }
}
