async function getUser(identifierValue, context, callback) {
  const axios = require('axios');
  const headers = { Authorization: `Bearer ${configuration.API_TOKEN}` };
  const value = encodeURIComponent(identifierValue);
  const path = context.identifierType === 'user_id' ? `/users/${value}` : `/users?identifier=${value}`;
  try {
    const url = `${configuration.API_BASE_URL}${path}`;
    const { status, data } = await axios.get(url, { headers, timeout: 8000, validateStatus: () => true });
    if (status === 404) return callback(null);
    if (status !== 200) return callback(new Error(`The user store answered ${status}`));
    return callback(null, { user_id: data.user_id, email: data.email, email_verified: data.email_verified });
  } catch (error) {
    return callback(new Error(`The user store failed: ${error.code}`));
  }
}
