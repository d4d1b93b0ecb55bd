/**
 * Finds a user by user_id, or by identifier: an email address, a username or a phone number.
 * "Not found" is said only when the store said so. An outage is an Error: taken for "not found", it would let
 * a signup create the same person twice.
 *
 * @type {DrawbridgeScripts.GetUser}
 */
async function getUser(identifierValue, context, callback) {
  const axios = require('axios');

  const value = encodeURIComponent(identifierValue);
  const path = context.identifierType === 'user_id' ? `/users/${value}` : `/users?identifier=${value}`;

  let response;
  try {
    response = await axios.get(`${configuration.API_BASE_URL}${path}`, {
      headers: { Authorization: `Bearer ${configuration.API_TOKEN}` },
      timeout: 8000, // milliseconds; less than the script's own deadline
      validateStatus: () => true, // every status is an answer, told apart below
    });
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.code || error.name}`));
  }

  if (response.status === 404) return callback(null);
  if (response.status !== 200) {
    return callback(new Error(`The user store answered ${response.status} to a look-up`));
  }
  return callback(null, toProfile(response.data));

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
