/**
 * Marks an email address as verified: its owner has followed the link in the verification mail.
 *
 * @type {DrawbridgeScripts.Verify}
 */
async function verify(email, context, callback) {
  const axios = require('axios');

  let response;
  try {
    response = await axios.patch(
      `${configuration.API_BASE_URL}/users?identifier=${encodeURIComponent(email)}`,
      { email_verified: true },
      {
        auth: { username: configuration.API_USERNAME, password: configuration.API_PASSWORD },
        timeout: 8000, // milliseconds; less than the script's own deadline
        validateStatus: () => true, // every status is an answer, told apart below
      },
    );
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.code || error.name}`));
  }

  if (response.status === 404)
    return callback(new Error('The user store has no user with this email address'));
  if (response.status !== 200) {
    return callback(new Error(`The user store answered ${response.status} to a verification`));
  }
  return callback(null, true);
}
