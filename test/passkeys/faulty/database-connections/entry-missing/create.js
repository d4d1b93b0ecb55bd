const axios = require('axios');

const client = axios.create({ baseURL: configuration.API_BASE_URL, timeout: 8000 });
