/**
 * Creates a user and answers with the new profile, which passkey signups need.
 * A passkey signup has no password; the store must take a user without one.
 *
 * @type {DrawbridgeScripts.Create}
 */
async function create(user, context, callback) {
  const axios = require('axios');

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
  try {
    response = await axios.post(`${configuration.API_BASE_URL}/users`, newUser, {
      auth: { username: configuration.API_USERNAME, password: configuration.API_PASSWORD },
      timeout: 8000, // milliseconds; less than the script's own deadline
      validateStatus: () => true, // every status is an answer, told apart below
    });
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.code || error.name}`));
  }

  if (response.status === 409) {
    return callback(new ValidationError('user_exists', 'The user already exists'));
  }
  if (response.status !== 201) {
    return callback(new Error(`The user store answered ${response.status} to a signup`));
  }
  return callback(null, toProfile(response.data));

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
