/**
 * Changes an email address, or whether it is verified. false says that there is no such user.
 *
 * @type {DrawbridgeScripts.ChangeEmail}
 */
async function changeEmail(email, newEmail, verified, context, callback) {
  let response;
  try {
    response = await fetch(`${configuration.API_BASE_URL}/users?identifier=${encodeURIComponent(email)}`, {
      method: 'PATCH',
      headers: {
        Authorization: `Bearer ${configuration.API_TOKEN}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ email: newEmail, email_verified: verified }),
      signal: AbortSignal.timeout(8000), // milliseconds; less than the script's own deadline
    });
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.cause?.code || error.name}`));
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
