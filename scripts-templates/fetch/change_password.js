/**
 * Sets a new password. false says that nothing was changed, because there is no such user.
 *
 * @type {DrawbridgeScripts.ChangePassword}
 */
async function changePassword(identifier, newPassword, context, callback) {
  let response;
  try {
    response = await fetch(
      `${configuration.API_BASE_URL}/users?identifier=${encodeURIComponent(identifier)}`,
      {
        method: 'PATCH',
        headers: {
          Authorization: `Bearer ${configuration.API_TOKEN}`,
          'Content-Type': 'application/json',
        },
        body: JSON.stringify({ password: newPassword }),
        signal: AbortSignal.timeout(8000), // milliseconds; less than the script's own deadline
      },
    );
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.cause?.code || error.name}`));
  }

  if (response.status === 404) return callback(null, false);
  if (response.status !== 200) {
    return callback(new Error(`The user store answered ${response.status} to a change of password`));
  }
  return callback(null, true);
}
