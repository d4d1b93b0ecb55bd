module.exports = async function addUser(newUser) {
  const response = await fetch(`${configuration.API_BASE_URL}/users`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${configuration.API_TOKEN}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify(newUser),
    signal: AbortSignal.timeout(8000),
  });
  if (response.status === 409) throw new ValidationError('user_exists', 'The user already exists');
  if (response.status !== 201) throw new Error(`The user store answered ${response.status}`);
  const created = await response.json();
  console.log(`created ${created.user_id}`);
};
