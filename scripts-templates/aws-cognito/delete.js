/**
 * Deletes a user. Deleting one who is gone already succeeds, so that a deletion can be repeated.
 *
 * @type {DrawbridgeScripts.Delete}
 */
async function remove(userId, context, callback) {
  const cognito = require('@aws-sdk/client-cognito-identity-provider');

  try {
    const user = await findBy('sub', userId);
    if (user) await call('AdminDeleteUser', { Username: user.Username });
  } catch (error) {
    if (error.name !== 'UserNotFoundException') {
      return callback(new Error(`The user pool failed: ${error.code || error.name}`));
    }
  }
  return callback(null);

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
}
