/**
 * Finds a user by user_id, or by identifier: an email address, a username or a phone number.
 * "Not found" is said only when the store said so. An outage is an Error: taken for "not found", it would let
 * a signup create the same person twice.
 *
 * @type {DrawbridgeScripts.GetUser}
 */
async function getUser(identifierValue, context, callback) {
  const value = encodeURIComponent(identifierValue);
  const path = context.identifierType === 'user_id' ? `/users/${value}` : `/users?identifier=${value}`;

  let response;
  let user;
  try {
    response = await fetch(`${configuration.API_BASE_URL}${path}`, {
      headers: { Authorization: `Bearer ${configuration.API_TOKEN}` },
      signal: AbortSignal.timeout(8000), // milliseconds; less than the script's own deadline
    });
    if (response.status === 200) user = await response.json();
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.cause?.code || error.name}`));
  }

  if (response.status === 404) return callback(null);
  if (response.status !== 200) {
    return callback(new Error(`The user store answered ${response.status} to a look-up`));
  }
  return callback(null, toProfile(user));

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
