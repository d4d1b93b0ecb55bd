async function create(user, context, callback) {
  let response;
  let created;
  try {
    response = await fetch(`${configuration.API_BASE_URL}/users`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${configuration.API_TOKEN}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ email: user.email, password: user.password }),
      signal: AbortSignal.timeout(8000),
    });
    if (response.status === 201) created = await response.json();
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.cause?.code || error.name}`));
  }
  if (response.status === 409) {
    return callback(new ValidationError('user_exists', 'The user already exists'));
  }
  if (response.status !== 201) return callback(new Error(`The user store answered ${response.status}`));
  return callback(null, { user_id: created.user_id, email: `new.${created.email}` });
}
