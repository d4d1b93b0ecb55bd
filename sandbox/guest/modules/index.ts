import '../early-globals.ts';
import '../web-url.ts';
import assert from 'assert';
import path from 'path-browserify';
import punycode from 'punycode/';
import stream from 'readable-stream';
import stringDecoder from 'string_decoder/';
import * as streamWeb from 'web-streams-polyfill';
import { console } from '../console.ts';
import { process } from '../process.ts';
import * as absent from './absent.ts';
import { asyncHooks } from './async-hooks.ts';
import { bcrypt } from './bcrypt.ts';
import { buffer } from './buffer.ts';
import { crypto } from './crypto.ts';
import { diagnosticsChannel } from './diagnostics-channel.ts';
import { dns } from './dns.ts';
import { events } from './events.ts';
import { fs, fsPromises } from './fs.ts';
import { http } from './http.ts';
import { https } from './https.ts';
import { net } from './net.ts';
import { constants, os } from './os.ts';
import { querystring } from './querystring.ts';
import { timers, timersPromises } from './timers.ts';
import { tls } from './tls.ts';
import { url } from './url.ts';
import { util } from './util.ts';
import { zlib } from './zlib.ts';

/** What each builtin module's require answers; sandbox/build/builtins.ts has the same names. */
export const builtins: Record<string, () => unknown> = {
  assert: () => assert,
  'assert/strict': () => assert.strict,
  async_hooks: () => asyncHooks,
  bcrypt: () => bcrypt,
  buffer: () => buffer,
  child_process: () => absent.childProcess,
  cluster: () => absent.cluster,
  console: () => console,
  constants: () => constants,
  crypto: () => crypto,
  dgram: () => absent.dgram,
  diagnostics_channel: () => diagnosticsChannel,
  dns: () => dns,
  'dns/promises': () => (dns as { promises?: unknown }).promises,
  domain: () => absent.domain,
  events: () => events,
  fs: () => fs,
  'fs/promises': () => fsPromises,
  http: () => http,
  http2: () => absent.http2,
  https: () => https,
  inspector: () => absent.inspector,
  module: () => absent.nodeModule,
  net: () => net,
  os: () => os,
  path: () => path,
  'path/posix': () => path,
  perf_hooks: () => absent.perfHooks,
  process: () => process,
  punycode: () => punycode,
  querystring: () => querystring,
  readline: () => absent.readline,
  stream: () => stream,
  'stream/promises': () => stream.promises,
  'stream/web': () => streamWeb,
  string_decoder: () => stringDecoder,
  timers: () => timers,
  'timers/promises': () => timersPromises,
  tls: () => tls,
  tty: () => absent.tty,
  url: () => url,
  util: () => util,
  'util/types': () => util.types,
  v8: () => absent.v8,
  vm: () => absent.vm,
  worker_threads: () => absent.workerThreads,
  zlib: () => zlib,
};
