module.exports = function answer(callback, user) {
  if (user.email) callback(null, { user_id: user.user_id, email: user.email });
  callback(null, { user_id: user.user_id });
};
