async function remove(userId, context, callback) {
  let response;
  try {
    response = await fetch(`${configuration.API_BASE_URL}/users/${encodeURIComponent(userId)}`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${configuration.API_TOKEN}` },
      signal: AbortSignal.timeout(8000),
    });
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.cause?.code || error.name}`));
  }
  if (response.status !== 204 && response.status !== 404) {
    return callback(new Error(`The user store answered ${response.status}`));
  }
  return callback(null);
}
