function getUser(identifierValue, context, callback) {
  const axios = require('axios');
  const headers = { Authorization: `Bearer ${configuration.API_TOKEN}` };
  const value = encodeURIComponent(identifierValue);
  const path = context.identifierType === 'user_id' ? `/users/${value}` : `/users?identifier=${value}`;
  axios
    .get(`${configuration.API_BASE_URL}${path}`, { headers, timeout: 8000 })
    .then(({ data }) => {
      callback(null, { user_id: data.user_id, email: data.email, email_verified: data.email_verified });
    })
    .catch(() => callback(null));
}
