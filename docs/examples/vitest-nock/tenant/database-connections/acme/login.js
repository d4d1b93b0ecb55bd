/** @type {DrawbridgeScripts.Login} */
async function login(identifier, password, context, callback) {
  const axios = require('axios');

  let response;
  try {
    response = await axios.post(
      `${configuration.baseAPIUrl}/login`,
      { email: identifier, password },
      {
        headers: { authorization: `Bearer ${configuration.apiToken}` },
        validateStatus: () => true,
      },
    );
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.code || error.name}`));
  }

  if (response.status === 403)
    return callback(new WrongUsernameOrPasswordError(identifier, 'Wrong password'));
  if (response.status !== 200) return callback(new Error(`The user store answered ${response.status}`));
  return callback(null, { user_id: response.data.user_id, email: response.data.email });
}
