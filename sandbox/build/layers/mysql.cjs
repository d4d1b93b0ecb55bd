// On the platform that old scripts come from, `mysql({ host, … })` makes a connection.
module.exports = (mysql) =>
  Object.defineProperties(
    (...args) => mysql.createConnection(...args),
    Object.getOwnPropertyDescriptors(mysql),
  );
