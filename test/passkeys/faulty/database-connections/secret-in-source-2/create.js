async function create(user, context, callback) {
  const axios = require('axios');
  const apiKey = 'k3y8f02b7c1d94ae';
  const headers = { 'x-api-key': apiKey };
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
