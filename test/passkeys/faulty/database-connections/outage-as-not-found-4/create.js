async function create(user, context, callback) {
  const axios = require('axios');
  const headers = { Authorization: `Bearer ${configuration.API_TOKEN}` };
  const newUser = { email: user.email, password: user.password };
  try {
    const { status, data } = await axios.post(`${configuration.API_BASE_URL}/users`, newUser, {
      headers,
      timeout: 8000,
      validateStatus: () => true,
    });
    if (status === 409) return callback(new ValidationError('user_exists', 'The user already exists'));
    if (status !== 201) return callback(new Error(`The user store answered ${status}`));
    return callback(null, { user_id: data.user_id, email: data.email, email_verified: data.email_verified });
  } catch (error) {
    return callback(new Error(`The user store failed: ${error.code}`));
  }
}
