import { once } from 'node:events';
import { connect } from 'node:net';

const ports = { PostgreSQL: 5432, MariaDB: 3306, Redis: 6379 };

/**
 * Whether a service answers on its usual port of this machine; says so when it does not, because its tests are
 * skipped then. CI looks beforehand and fails.
 */
export async function localService(name: keyof typeof ports): Promise<boolean> {
  const socket = connect(ports[name], '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    console.warn(`Skipped: ${name} does not answer on 127.0.0.1:${ports[name]}`);
    return false;
  } finally {
    socket.destroy();
  }
}
