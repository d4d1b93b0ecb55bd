/**
 * Creates a user and answers with the new profile, which passkey signups need.
 * A passkey signup has no password; the store must take a user without one.
 *
 * @type {DrawbridgeScripts.Create}
 */
async function create(user, context, callback) {
  // Named one by one: `user` also carries the passkey ceremony and the login transaction, which the store
  // must not get. What is undefined is left out of the JSON.
  const newUser = {
    email: user.email,
    username: user.username,
    phone_number: user.phone_number,
    password: user.password,
    name: user.name,
    given_name: user.given_name,
    family_name: user.family_name,
    nickname: user.nickname,
    picture: user.picture,
    user_metadata: user.user_metadata,
    app_metadata: user.app_metadata,
  };

  let response;
  let created;
  try {
    response = await fetch(`${configuration.API_BASE_URL}/users`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${configuration.API_TOKEN}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify(newUser),
      signal: AbortSignal.timeout(8000), // milliseconds; less than the script's own deadline
    });
    if (response.status === 201) created = await response.json();
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.cause?.code || error.name}`));
  }

  if (response.status === 409) {
    return callback(new ValidationError('user_exists', 'The user already exists'));
  }
  if (response.status !== 201) {
    return callback(new Error(`The user store answered ${response.status} to a signup`));
  }
  return callback(null, toProfile(created));

  // The same in login, get_user and create: the same person must always come back with the same user_id.
  function toProfile(user) {
    return {
      user_id: user.user_id,
      email: user.email,
      email_verified: user.email_verified,
      username: user.username,
      phone_number: user.phone_number,
      phone_verified: user.phone_verified,
      name: user.name,
      given_name: user.given_name,
      family_name: user.family_name,
      nickname: user.nickname,
      picture: user.picture,
      user_metadata: user.user_metadata,
      app_metadata: user.app_metadata,
    };
  }
}
