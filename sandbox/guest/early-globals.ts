/**
 * The globals that npm packages look at while they are evaluated. Imported before all that imports such a package,
 * because modules are evaluated in the order of their imports.
 */
import { AbortController, AbortSignal } from './abort.ts';
import { defineGlobals } from './define-global.ts';
import { DOMException } from './dom-exception.ts';
import { CustomEvent, Event, EventTarget } from './event-target.ts';
import { performance } from './performance.ts';
import { process } from './process.ts';
import { TextDecoder, TextEncoder } from './text-encoding.ts';
import {
  clearImmediate,
  clearInterval,
  clearTimeout,
  queueMicrotask,
  setImmediate,
  setInterval,
  setTimeout,
} from './timers.ts';

defineGlobals({
  global: globalThis,
  process,
  performance,
  setTimeout,
  setInterval,
  setImmediate,
  clearTimeout,
  clearInterval,
  clearImmediate,
  queueMicrotask,
  DOMException,
  TextDecoder,
  TextEncoder,
  Event,
  CustomEvent,
  EventTarget,
  AbortController,
  AbortSignal,
});
