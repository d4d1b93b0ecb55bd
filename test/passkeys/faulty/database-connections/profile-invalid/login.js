async function login(identifier, password, context, callback) {
  let response;
  let body;
  try {
    response = await fetch(`${configuration.API_BASE_URL}/login`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${configuration.API_TOKEN}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ identifier, password }),
      signal: AbortSignal.timeout(8000),
    });
    body = await response.json().catch(() => ({}));
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.cause?.code || error.name}`));
  }
  if (response.status === 401) {
    return callback(new WrongUsernameOrPasswordError(body.user_id || null, 'Wrong username or password'));
  }
  if (response.status !== 200) return callback(new Error(`The user store answered ${response.status}`));
  return callback(null, { user_id: body.user_id, email: body.email, picture: `/pictures/${body.user_id}.png` });
}
