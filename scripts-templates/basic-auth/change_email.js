/**
 * Changes an email address, or whether it is verified. false says that there is no such user.
 *
 * @type {DrawbridgeScripts.ChangeEmail}
 */
async function changeEmail(email, newEmail, verified, context, callback) {
  const axios = require('axios');

  let response;
  try {
    response = await axios.patch(
      `${configuration.API_BASE_URL}/users?identifier=${encodeURIComponent(email)}`,
      { email: newEmail, email_verified: verified },
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
    return callback(new ValidationError('user_exists', 'Another user has this email address'));
  }
  if (response.status !== 200) {
    return callback(new Error(`The user store answered ${response.status} to a change of email address`));
  }
  return callback(null, true);
}
