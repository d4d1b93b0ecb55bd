/**
 * Changes a phone number, or whether it is verified. false says that there is no such user.
 *
 * @type {DrawbridgeScripts.ChangePhoneNumber}
 */
async function changePhoneNumber(phoneNumber, newPhoneNumber, verified, context, callback) {
  let response;
  try {
    response = await fetch(
      `${configuration.API_BASE_URL}/users?identifier=${encodeURIComponent(phoneNumber)}`,
      {
        method: 'PATCH',
        headers: {
          Authorization: `Bearer ${configuration.API_TOKEN}`,
          'Content-Type': 'application/json',
        },
        body: JSON.stringify({ phone_number: newPhoneNumber, phone_verified: verified }),
        signal: AbortSignal.timeout(8000), // milliseconds; less than the script's own deadline
      },
    );
  } catch (error) {
    return callback(new Error(`The call to the user store failed: ${error.cause?.code || error.name}`));
  }

  if (response.status === 404) return callback(null, false);
  if (response.status === 409) {
    return callback(new ValidationError('user_exists', 'Another user has this phone number'));
  }
  if (response.status !== 200) {
    return callback(new Error(`The user store answered ${response.status} to a change of phone number`));
  }
  return callback(null, true);
}
