module.exports = async function fetchUser(path) {
  let response;
  try {
    response = await fetch(`${configuration.API_BASE_URL}${path}`, {
      headers: { Authorization: `Bearer ${configuration.API_TOKEN}` },
      signal: AbortSignal.timeout(8000),
    });
  } catch (error) {
    console.log(error.name);
    return undefined;
  }
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw new Error(`The user store answered ${response.status}`);
  return response.json();
};
