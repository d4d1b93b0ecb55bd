// The list of public suffixes takes long to evaluate, and only cookies that name a domain need it.
module.exports = { get: (domain) => require('psl').get(domain) };
