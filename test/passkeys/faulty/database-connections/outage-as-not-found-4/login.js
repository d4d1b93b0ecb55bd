async function login(identifier, password, context, callback) {
  const axios = require('axios');
  const headers = { Authorization: `Bearer ${configuration.API_TOKEN}` };
  try {
    const { status, data } = await axios.post(
      `${configuration.API_BASE_URL}/login`,
      { identifier, password },
      { headers, timeout: 8000, validateStatus: () => true },
    );
    if (status === 401) return callback(new WrongUsernameOrPasswordError(data.user_id || null, 'Wrong password'));
    if (status !== 200) return callback(new Error(`The user store answered ${status}`));
    return callback(null, { user_id: data.user_id, email: data.email, email_verified: data.email_verified });
  } catch (error) {
    return callback(new Error(`The user store failed: ${error.code}`));
  }
}
