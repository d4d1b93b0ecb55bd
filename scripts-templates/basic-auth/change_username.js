/**
 * Changes a username. false says that there is no such user.
 *
 * @type {DrawbridgeScripts.ChangeUsername}
 */
async function changeUsername(username, newUsername, context, callback) {
  const axios = require('axios');

  let response;
  try {
    response = await axios.patch(
      `${configuration.API_BASE_URL}/users?identifier=${encodeURIComponent(username)}`,
      { username: newUsername },
      {
        auth: { username: configuration.API_USERNAME, password: configuration.API_PASSWORD },
        timeout: 8000, // milliseconds; less than the script's own deadline
        validateStatus: () => true, // every status is an answer, told apart below
      },
    );
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.code || error.name}`));
  }

  if (response.status === 404) return callback(null, false);
  if (response.status === 409) {
    return callback(new ValidationError('user_exists', 'Another user has this username'));
  }
  if (response.status !== 200) {
    return callback(new Error(`The user store answered ${response.status} to a change of username`));
  }
  return callback(null, true);
}
