/**
 * Checks a password. The identifier is whatever the user typed: an email address, a username or a phone number.
 *
 * @type {DrawbridgeScripts.Login}
 */
async function login(identifier, password, context, callback) {
  const cognito = require('@aws-sdk/client-cognito-identity-provider');
  const { createHmac } = require('crypto');

  let user;
  let verdict;
  try {
    user = await findByIdentifier(identifier);
    // Somebody unknown is asked for as well, in vain: the answer comes after as many steps.
    verdict = await judge(user?.Username ?? 'nobody-has-this-username');
  } catch (error) {
    return callback(new Error(`The user pool failed: ${error.code || error.name}`));
  }

  if (!user || verdict === 'wrong') {
    // With a user_id the log says "wrong password", with null "no such user".
    const knownUserId = user ? attributesOf(user).sub : null;
    return callback(new WrongUsernameOrPasswordError(knownUserId, 'Wrong username or password'));
  }
  if (verdict !== 'right') {
    // A second factor, a new password, a confirmation: only the pool knows what to do with it.
    return callback(new UnauthorizedError(`The user pool does not let this user in yet: ${verdict}`));
  }
  return callback(null, toProfile(user));

  async function judge(username) {
    const clientId = configuration.COGNITO_CLIENT_ID;
    const AuthParameters = { USERNAME: username, PASSWORD: password };
    if (configuration.COGNITO_CLIENT_SECRET) {
      AuthParameters.SECRET_HASH = createHmac('sha256', configuration.COGNITO_CLIENT_SECRET)
        .update(username + clientId)
        .digest('base64');
    }
    try {
      const { ChallengeName } = await call('AdminInitiateAuth', {
        ClientId: clientId,
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        AuthParameters,
      });
      return ChallengeName ?? 'right';
    } catch (error) {
      // Our own secret is refused by the same name as a user's password; the words alone differ.
      if (error.name === 'NotAuthorizedException' && !/secret hash/i.test(error.message)) return 'wrong';
      if (error.name === 'UserNotFoundException') return 'wrong';
      if (/^(PasswordResetRequired|UserNotConfirmed)Exception$/.test(error.name)) return error.name;
      throw error;
    }
  }

  // By shape, and each kind in its own attribute: no username can stand in for somebody's email address.
  function findByIdentifier(identifier) {
    if (/^[^@]+@[^@]+$/.test(identifier)) return findByEmail(identifier);
    return findBy(/^\+\d{1,15}$/.test(identifier) ? 'phone_number' : 'username', identifier);
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
