import { collectOperations, createOperationTable } from '../../../sandbox/host/operation-table.ts';
import type { HostModule } from '../../../sandbox/host/operations.ts';

export interface SentEvent {
  id: number;
  type: string;
  value: unknown;
  bytes: Buffer | undefined;
  late: boolean;
}

/** An operation table as a guest would use it, whose events are kept. */
export function recordedTable(modules: readonly HostModule[]) {
  const table = createOperationTable(collectOperations(modules));
  const events: SentEvent[] = [];
  const log: string[] = [];
  let nextId = 1;

  function attach(): void {
    table.attach({
      execution: 'exec_1',
      send(id, type, json, payload, late) {
        const value = json === '' ? undefined : JSON.parse(json);
        const bytes = payload === undefined ? undefined : Buffer.from(payload);
        events.push({ id, type, value, bytes, late });
      },
      onEvent: (...event) => log.push(event.join(' ')),
      onIdle() {},
      chargeCpu() {},
    });
  }
  attach();

  return {
    table,
    events,
    log,
    /** The next execution begins. */
    attach,
    start(op: string, params: unknown, bytes?: Uint8Array): number {
      const id = nextId++;
      table.start(id, op, JSON.stringify(params), bytes);
      return id;
    },
    send(id: number, type: string, value?: unknown, bytes?: Uint8Array): void {
      table.message(id, type, value === undefined ? '' : JSON.stringify(value), bytes);
    },
    of: (id: number) => events.filter((event) => event.id === id),
    typesOf: (id: number) => events.filter((event) => event.id === id).map(({ type }) => type),
    last: (id: number) => events.findLast((event) => event.id === id),
    /** All that an operation has sent of its data. */
    textOf: (id: number) =>
      events
        .filter((event) => event.id === id && event.type === 'data')
        .map(({ bytes }) => String(bytes))
        .join(''),
  };
}

export type RecordedTable = ReturnType<typeof recordedTable>;
