/** @type {DrawbridgeScripts.Create} */
async function create(user, context, callback) {
  // Field by field: a signup with a passkey brings its ceremony along, and has no password.
  const body = JSON.stringify({ email: user.email, password: user.password });
  const headers = { authorization: `Bearer ${configuration.apiToken}`, 'content-type': 'application/json' };

  let response;
  try {
    response = await fetch(`${configuration.baseAPIUrl}/users`, { method: 'POST', headers, body });
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${(error.cause || error).message}`));
  }

  if (response.status === 409)
    return callback(new ValidationError('user_exists', 'The email address is taken'));
  if (response.status !== 201) return callback(new Error(`The user store answered ${response.status}`));
  const { user_id, email } = await response.json();
  return callback(null, { user_id, email });
}
