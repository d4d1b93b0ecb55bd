async function getUser(identifierValue, context, callback) {
  const headers = { Authorization: `Bearer ${configuration.API_TOKEN}` };
  const value = encodeURIComponent(identifierValue);
  const path = context.identifierType === 'user_id' ? `/users/${value}` : `/users?identifier=${value}`;
  const user = await find(`${configuration.API_BASE_URL}${path}`, headers);
  return callback(
    null,
    user && { user_id: user.user_id, email: user.email, email_verified: user.email_verified },
  );
}

async function find(url, headers) {
  const axios = require('axios');
  try {
    const { data } = await axios.get(url, { headers, timeout: 8000 });
    return data;
  } catch (error) {
    console.error(`The user store failed: ${error.code}`);
    return null;
  }
}
