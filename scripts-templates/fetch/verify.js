/**
 * Marks an email address as verified: its owner has followed the link in the verification mail.
 *
 * @type {DrawbridgeScripts.Verify}
 */
async function verify(email, context, callback) {
  let response;
  try {
    response = await fetch(`${configuration.API_BASE_URL}/users?identifier=${encodeURIComponent(email)}`, {
      method: 'PATCH',
      headers: {
        Authorization: `Bearer ${configuration.API_TOKEN}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ email_verified: true }),
      signal: AbortSignal.timeout(8000), // milliseconds; less than the script's own deadline
    });
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.cause?.code || error.name}`));
  }

  if (response.status === 404)
    return callback(new Error('The user store has no user with this email address'));
  if (response.status !== 200) {
    return callback(new Error(`The user store answered ${response.status} to a verification`));
  }
  return callback(null, true);
}
