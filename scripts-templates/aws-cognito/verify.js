/**
 * Marks an email address as verified: its owner has followed the link in the verification mail.
 *
 * @type {DrawbridgeScripts.Verify}
 */
async function verify(email, context, callback) {
  const cognito = require('@aws-sdk/client-cognito-identity-provider');

  let user;
  try {
    user = await findByEmail(email);
    if (user) {
      await call('AdminUpdateUserAttributes', {
        Username: user.Username,
        UserAttributes: [{ Name: 'email_verified', Value: 'true' }],
      });
    }
  } catch (error) {
    return callback(new Error(`The user pool failed: ${error.code || error.name}`));
  }

  if (!user) return callback(new Error('There is no user with this email address'));
  return callback(null, true);

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
}
