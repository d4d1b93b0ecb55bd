async function getUser(identifierValue, context, callback) {
  const axios = require('axios');
  const headers = { Authorization: `Bearer ${configuration.API_TOKEN}` };
  const value = encodeURIComponent(identifierValue);
  const path = context.identifierType === 'user_id' ? `/users/${value}` : `/users?identifier=${value}`;
  const url = `${configuration.API_BASE_URL}${path}`;
  const response = await axios.get(url, { headers, timeout: 8000 }).catch(() => null);
  if (!response) return callback(null);
  const { user_id, email, email_verified } = response.data;
  return callback(null, { user_id, email, email_verified });
}
