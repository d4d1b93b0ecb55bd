module.exports = function objectionTo({ email, password = '' }) {
  if (!email) return 'Please give an email address';
  if (password.length < 12) return 'Please give a password of at least 12 characters';
  return undefined;
};
