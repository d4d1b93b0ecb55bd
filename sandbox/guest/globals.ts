import './early-globals.ts';
import {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableStream,
  ReadableStreamDefaultReader,
  TransformStream,
  WritableStream,
  WritableStreamDefaultWriter,
} from 'web-streams-polyfill';
import { legacyGlobals } from '../contract/modules.ts';
import { atob, btoa } from './base64.ts';
import { Blob, File } from './blob.ts';
import { console } from './console.ts';
import { defineGlobals } from './define-global.ts';
import { errorClasses } from './error-classes.ts';
import { adaptAxios } from './modules/axios-adapter.ts';
import { Buffer } from './modules/buffer.ts';
import { crypto as nodeCrypto } from './modules/crypto.ts';
import { FormData, fetch, Headers, Request, Response } from './modules/fetch.ts';
import { builtins } from './modules/index.ts';
import { webcrypto } from './modules/webcrypto.ts';
import { CryptoKey } from './modules/webcrypto-key.ts';
import { onLibraryLoaded, requireModule } from './registry.ts';
import { restoreNames } from './restore-names.ts';
import { TextDecoderStream, TextEncoderStream } from './text-encoding.ts';
import { structuredClone, URL, URLSearchParams } from './web-url.ts';

/** Memory of these is not counted by the isolate's limit, and a script has no use for them. */
const unbounded = ['WebAssembly', 'SharedArrayBuffer'];
/** Traces of how the runtime is made. */
const traces = ['__core-js_shared__'];

/** Gives the global object what scripts see. Needs no host: it runs while the snapshot is made. */
export function installGlobals(): void {
  defineGlobals({
    ...errorClasses,
    Buffer,
    console,
    crypto: webcrypto,
    CryptoKey,
    fetch,
    Headers,
    Request,
    Response,
    FormData,
    URL,
    URLSearchParams,
    structuredClone,
    atob,
    btoa,
    Blob,
    File,
    TextDecoderStream,
    TextEncoderStream,
    ReadableStream,
    ReadableStreamDefaultReader,
    WritableStream,
    WritableStreamDefaultWriter,
    TransformStream,
    ByteLengthQueuingStrategy,
    CountQueuingStrategy,
  });
  for (const [name, module] of Object.entries(legacyGlobals)) defineLegacyGlobal(name, module);
  lendNodeCrypto();
  onLibraryLoaded('axios', (axios) => adaptAxios(axios as never));
  restoreNames([globalThis, ...Object.values(builtins).map((exportsOf) => exportsOf())]);
  for (const name of traces) Reflect.deleteProperty(globalThis, name);
  removeUnboundedGlobals();
}

/** Called in each new context as well: V8 brings some of them back when it reads a snapshot. */
export function removeUnboundedGlobals(): void {
  for (const name of unbounded) Reflect.deleteProperty(globalThis, name);
}

/**
 * The global `crypto` was Node's module on the platform that old scripts come from, and is Web Crypto now. It has the
 * functions of the module as well, which nobody sees who does not ask for one by its name: Web Crypto has no names of
 * its own that these would hide.
 */
function lendNodeCrypto(): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(nodeCrypto))) {
    if (name in webcrypto || name === 'webcrypto') continue;
    Object.defineProperty(webcrypto, name, { ...descriptor, configurable: true, enumerable: false });
  }
}

/** Loaded at the first use; a script's own variable of the name takes its place without an error. */
function defineLegacyGlobal(name: string, module: string): void {
  Object.defineProperty(globalThis, name, {
    get: () => requireModule(module),
    set: (value: unknown) => defineGlobals({ [name]: value }),
    configurable: true,
    enumerable: false,
  });
}
