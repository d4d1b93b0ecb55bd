module.exports = (_cache, load) => load();
