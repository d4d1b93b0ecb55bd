// A service that is left out says so when a client of it is made, and the version asked for is no other.
module.exports = (AWS, left) => {
  for (const service of left.split(' ')) {
    AWS[service] = class {
      constructor() {
        const message = `ERR_METHOD_NOT_IMPLEMENTED: AWS.${service} is not available to action scripts`;
        throw Object.assign(new Error(message), { code: 'ERR_METHOD_NOT_IMPLEMENTED' });
      }
    };
  }
  return AWS;
};
