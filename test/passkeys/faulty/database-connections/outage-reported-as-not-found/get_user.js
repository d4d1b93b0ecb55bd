const fetchUser = require('./lib/fetch-user');

async function getUser(identifierValue, context, callback) {
  const value = encodeURIComponent(identifierValue);
  const path = context.identifierType === 'user_id' ? `/users/${value}` : `/users?identifier=${value}`;
  try {
    const user = await fetchUser(path);
    if (!user) return callback(null);
    return callback(null, { user_id: user.user_id, email: user.email });
  } catch (error) {
    return callback(error);
  }
}
