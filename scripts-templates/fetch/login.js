/**
 * Checks a password. The identifier is whatever the user typed: an email address, a username or a phone number.
 *
 * @type {DrawbridgeScripts.Login}
 */
async function login(identifier, password, context, callback) {
  let response;
  let body;
  try {
    response = await fetch(`${configuration.API_BASE_URL}/login`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${configuration.API_TOKEN}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ identifier, password }),
      signal: AbortSignal.timeout(8000), // milliseconds; less than the script's own deadline
    });
    body = await response.json().catch(() => ({})); // an answer without JSON is judged by its status
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.cause?.code || error.name}`));
  }

  // A 401 with WWW-Authenticate refuses our token; a 401 without it refuses the user's password.
  if (response.status === 401 && !response.headers.has('www-authenticate')) {
    // With a user_id the log says "wrong password", with null "no such user".
    const knownUserId = body.user_id || null;
    return callback(new WrongUsernameOrPasswordError(knownUserId, 'Wrong username or password'));
  }
  if (response.status !== 200) {
    return callback(new Error(`The user store answered ${response.status} to a login`));
  }
  return callback(null, toProfile(body));

  // The same in login, get_user and create: the same person must always come back with the same user_id.
  function toProfile(user) {
    return {
      user_id: user.user_id,
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
