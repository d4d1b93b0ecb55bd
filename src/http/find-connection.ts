import type { Connection, ConnectionStore } from '../connections/connection.ts';
import { ServiceError } from '../errors.ts';

/** Throws connection_not_found; a connection that is there but cannot be served says what is wrong with it. */
export function findConnection(store: ConnectionStore, name: string): Connection {
  const connection = store.get(name);
  if (connection) return connection;
  const problem = store.problems().find((each) => each.connection === name);
  throw new ServiceError('connection_not_found', {
    detail: problem
      ? `The connection ${JSON.stringify(name)} cannot be served: ${problem.file}: ${problem.message}`
      : `There is no connection ${JSON.stringify(name)}`,
    connection: name,
  });
}
