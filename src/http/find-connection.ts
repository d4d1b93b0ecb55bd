import type { Request } from 'express';
import type { Connection, ConnectionStore } from '../connections/connection.ts';
import { ServiceError } from '../errors.ts';
import type { Call } from './call.ts';

/**
 * The connection of the path, noted in `call`. Throws connection_not_found; one that is there but cannot be served says
 * what is wrong with it.
 */
export function findConnection(store: ConnectionStore, req: Request, call: Call): Connection {
  const name = String(req.params.connection);
  const connection = store.get(name);
  if (connection) {
    call.connection = connection.name;
    return connection;
  }
  const problem = store.problems().find((each) => each.connection === name);
  throw new ServiceError('connection_not_found', {
    detail: problem
      ? `The connection ${JSON.stringify(name)} cannot be served: ${problem.file}: ${problem.message}`
      : `There is no connection ${JSON.stringify(name)}`,
    connection: name,
  });
}
