import { collectOperations, createOperationTable } from '../../../sandbox/host/operation-table.ts';
import type { HostModule } from '../../../sandbox/host/operations.ts';

// biome-ignore lint/suspicious/noExplicitAny: guest modules are typed in their own zone, without Node's types
type Guest = any;

export interface GuestInProcess {
  /** A module of the guest's, by its file: `modules/net.ts`. */
  guest(file: string): Promise<Guest>;
  /** What the host logs: `event level text`. */
  log: string[];
  close(): void;
}

/** The guest's code in this process, over host modules that the test has made: with limits and resolvers of its own. */
export async function guestInProcess(modules: readonly HostModule[]): Promise<GuestInProcess> {
  // By a computed path: the test zone's types are Node's, the guest's are not.
  const guest = (file: string): Promise<Guest> =>
    import(new URL(`../../../sandbox/guest/${file}`, import.meta.url).href);
  const { connectBridge, deliver } = await guest('bridge.ts');
  const table = createOperationTable(collectOperations(modules));
  const log: string[] = [];
  table.attach({
    execution: 'exec_1',
    send(id, type, json, payload) {
      const crossing = payload instanceof Uint8Array ? new Uint8Array(payload).buffer : payload;
      setImmediate(() => deliver(id, type, json, crossing));
    },
    onEvent: (...event) => log.push(event.join(' ')),
    onIdle() {},
    chargeCpu() {},
  });
  const view = (bytes: ArrayBuffer | undefined) => bytes && new Uint8Array(bytes);
  connectBridge(
    (op: string, json: string, bytes?: ArrayBuffer) => table.call(op, json, view(bytes)),
    (kind: string, id: number, json: string, bytes?: ArrayBuffer) => {
      setImmediate(() => {
        if (kind.startsWith('+')) table.start(id, kind.slice(1), json, view(bytes));
        else if (kind.startsWith('>')) table.message(id, kind.slice(1), json, view(bytes));
        else if (kind === '-') table.cancel(id);
      });
    },
  );
  return { guest, log, close: table.close };
}
