// Scripts for tedious 1 have `userName` and `password` at the top of the configuration and a connection that connects
// by itself; later versions want `authentication` and a call of `connect`. Some scripts pin a later version and have
// the old form all the same. A configuration in the old form is read as tedious 1 read it.
const credentials = ['userName', 'password', 'domain'];

function inOldForm(config) {
  return (
    typeof config === 'object' &&
    config !== null &&
    config.authentication === undefined &&
    (config.userName !== undefined || config.password !== undefined)
  );
}

function translated({ userName, password, domain, ...config }, defaults) {
  const type = domain === undefined ? 'default' : 'ntlm';
  const options = domain === undefined ? { userName, password } : { userName, password, domain };
  return { ...config, authentication: { type, options }, options: { ...defaults, ...config.options } };
}

/** `defaults`: options of a connection in the old form, where the version's own would keep it from connecting. */
module.exports =
  (defaults = {}) =>
  (tedious) => {
    class Connection extends tedious.Connection {
      #connecting = false;

      constructor(config) {
        const old = inOldForm(config);
        super(old ? translated(config, defaults) : config);
        if (!old) return;
        for (const name of credentials) this.config[name] ??= config[name];
        process.nextTick(() => {
          if (!this.#connecting) this.connect();
        });
      }

      connect(listener) {
        this.#connecting = true;
        return super.connect(listener);
      }
    }
    function connect(config, listener) {
      const connection = new Connection(config);
      connection.connect(listener);
      return connection;
    }
    const given = { enumerable: true, configurable: true, writable: true };
    return Object.defineProperties(
      {},
      {
        ...Object.getOwnPropertyDescriptors(tedious),
        Connection: { ...given, value: Connection },
        connect: { ...given, value: connect },
        Types: { ...given, value: tedious.TYPES },
      },
    );
  };
