async function getUser(identifierValue, context, callback) {
  const path =
    context.identifierType === 'user_id'
      ? `/users/${encodeURIComponent(identifierValue.slice('acme|'.length))}`
      : `/users?identifier=${encodeURIComponent(identifierValue)}`;
  let response;
  let user;
  try {
    response = await fetch(`${configuration.API_BASE_URL}${path}`, {
      headers: { Authorization: `Bearer ${configuration.API_TOKEN}` },
      signal: AbortSignal.timeout(8000),
    });
    if (response.status === 200) user = await response.json();
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.cause?.code || error.name}`));
  }
  if (response.status === 404) return callback(null);
  if (response.status !== 200) return callback(new Error(`The user store answered ${response.status}`));
  return callback(null, { user_id: user.user_id, email: user.email });
}
