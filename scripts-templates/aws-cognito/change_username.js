/**
 * Changes no username: a user pool gives a user one username for life. The answer says so to whoever asks.
 * To spare users the attempt, do not offer it in your application.
 *
 * @type {DrawbridgeScripts.ChangeUsername}
 */
async function changeUsername(username, newUsername, context, callback) {
  return callback(new ValidationError('username_is_fixed', 'The user pool cannot change a username'));
}
