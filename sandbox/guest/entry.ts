import { type CallSync, connectBridge, deliver, type Payload, type Post } from './bridge.ts';
import { removeUnboundedGlobals } from './globals.ts';
import { defineHelper } from './helper-files.ts';
import { setHostInfo } from './host-info.ts';
import { beginEntry, endEntry } from './next-tick.ts';
import { readFailure, setTenantFiles } from './read-failure.ts';
import { defineLibrary } from './registry.ts';
import { defineScript, reportUncaught, runScript } from './run-script.ts';

/**
 * Every entry of the host into a context. `id` is an operation's for `event`, the execution's number for `run`. A
 * `late-event` is for what an earlier execution left behind.
 * Never throws: whatever a listener or a script throws is posted as uncaught.
 */
export type Dispatch = (
  kind: 'configure' | 'expect' | 'run' | 'event' | 'late-event',
  id: number,
  json: string,
  payload?: Payload,
  type?: string,
) => void;

export interface ContextInfo {
  connection: string;
  configuration: Record<string, string>;
  versions: Record<string, string>;
}

/** Given to the host by the snapshot, called once in each context before anything of a tenant is in it. */
export function boot(callSync: CallSync, post: Post): Dispatch {
  for (const name of ['__drawbridge_boot', '__drawbridge_define', '__drawbridge_preload']) {
    Reflect.deleteProperty(globalThis, name);
  }
  removeUnboundedGlobals();
  connectBridge(callSync, post);
  return dispatch;
}

const dispatch: Dispatch = (kind, id, json, payload, type) => {
  beginEntry();
  try {
    enter(kind, id, json, payload, type);
  } catch (error) {
    reportUncaught(readFailure(error), kind === 'late-event');
  }
  try {
    endEntry();
  } catch (error) {
    reportUncaught(readFailure(error), kind === 'late-event');
  }
};

const enter: Dispatch = (kind, id, json, payload, type) => {
  switch (kind) {
    case 'event':
    case 'late-event':
      return deliver(id, type ?? '', json, payload);
    case 'run':
      return runScript(id, json);
    case 'expect':
      return expectSource();
    case 'configure':
      return configure(JSON.parse(json) as ContextInfo);
    default:
      return kind satisfies never;
  }
};

/** The sources the host runs next call these; they are out of sight of the sources' own code. */
function expectSource(): void {
  const once = (name: string, define: (...args: never[]) => void) =>
    Object.defineProperty(globalThis, name, { value: define, configurable: true });
  once('__drawbridge_script', (action: string, factory: never, set?: number, from?: string) => {
    Reflect.deleteProperty(globalThis, '__drawbridge_script');
    Reflect.deleteProperty(globalThis, '__drawbridge_define');
    Reflect.deleteProperty(globalThis, '__drawbridge_helper');
    defineScript(action, factory, set, from);
  });
  once('__drawbridge_helper', (set: number, file: string, source: never) => defineHelper(set, file, source));
  once('__drawbridge_define', (name: string, factory: never) => defineLibrary(name, factory));
}

function configure(info: ContextInfo): void {
  setHostInfo(info.versions);
  setTenantFiles(info.connection);
  Object.defineProperty(globalThis, 'configuration', {
    value: Object.freeze(info.configuration),
    enumerable: false,
    configurable: false,
    writable: false,
  });
}
