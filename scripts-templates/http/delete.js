/**
 * Deletes a user. Deleting one who is gone already succeeds, so that a deletion can be repeated.
 *
 * @type {DrawbridgeScripts.Delete}
 */
async function remove(userId, context, callback) {
  const axios = require('axios');

  let response;
  try {
    response = await axios.delete(`${configuration.API_BASE_URL}/users/${encodeURIComponent(userId)}`, {
      headers: { Authorization: `Bearer ${configuration.API_TOKEN}` },
      timeout: 8000, // milliseconds; less than the script's own deadline
      validateStatus: () => true, // every status is an answer, told apart below
    });
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.code || error.name}`));
  }

  if (response.status !== 204 && response.status !== 404) {
    return callback(new Error(`The user store answered ${response.status} to a deletion`));
  }
  return callback(null);
}
