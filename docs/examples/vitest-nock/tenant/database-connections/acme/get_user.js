/** @type {DrawbridgeScripts.GetUser} */
async function getUser(identifierValue, context, callback) {
  const type = context.identifierType === 'user_id' ? 'user_id' : 'email';
  const url = `${configuration.baseAPIUrl}/get_user/${encodeURIComponent(identifierValue)}?type=${type}`;

  let response;
  try {
    response = await fetch(url, { headers: { authorization: `Bearer ${configuration.apiToken}` } });
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${(error.cause || error).message}`));
  }

  // Only the store itself can say that it does not have somebody.
  if (response.status === 404) return callback(null);
  if (response.status !== 200) return callback(new Error(`The user store answered ${response.status}`));
  const { user_id, email } = await response.json();
  return callback(null, { user_id, email });
}
