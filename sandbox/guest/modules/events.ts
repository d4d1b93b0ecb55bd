import * as npmEvents from 'events';

/** npm events, with the functions that Node has added to it since. */

const EventEmitter = npmEvents.EventEmitter;

interface Emitter {
  listeners(name: string | symbol): unknown[];
  setMaxListeners(count: number): unknown;
}

export const events = Object.assign(EventEmitter, {
  EventEmitter,
  errorMonitor: Symbol('events.errorMonitor'),
  captureRejectionSymbol: Symbol.for('nodejs.rejection'),
  captureRejections: false,
  getEventListeners: (emitter: Emitter, name: string | symbol) => emitter.listeners(name),
  getMaxListeners: (emitter: { getMaxListeners?(): number }) =>
    emitter.getMaxListeners?.() ?? EventEmitter.defaultMaxListeners,
  listenerCount: (emitter: Emitter, name: string | symbol) => emitter.listeners(name).length,
  setMaxListeners(count = EventEmitter.defaultMaxListeners, ...emitters: Emitter[]): void {
    for (const emitter of emitters) emitter.setMaxListeners?.(count);
  },
});
