import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { demoUsers } from './demo-users.ts';
import { createUserRecords } from './user-records.ts';
import { createUserStore, type StoreCredentials } from './user-store.ts';

export interface RunningUserStore {
  /** `http://127.0.0.1:<port>`, without a slash at its end. */
  url: string;
  /** `127.0.0.1:<port>`, as the egress policy wants it. */
  address: string;
  /** Made anew at every start. */
  credentials: StoreCredentials;
  close(): Promise<void>;
}

/** Starts the demo's user store on a free port of the loopback, with its users in it. */
export async function startUserStore(): Promise<RunningUserStore> {
  const records = createUserRecords();
  await Promise.all(
    demoUsers.map(({ user: { user_id, ...user }, password }) =>
      records.create({ ...user, password }, user_id),
    ),
  );
  const credentials = { token: secret(), username: 'drawbridge', password: secret() };

  const server = createUserStore(records, credentials).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: `http://${address}`,
    address,
    credentials,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}
