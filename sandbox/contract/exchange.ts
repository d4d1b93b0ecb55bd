import * as z from 'zod';
import { strings } from './strings.ts';

/**
 * What one execution had to do with its upstreams, told only where a run asks for it: to show it, or to make a fixture
 * of it. Holds whatever the script sent and got, secrets included.
 */

/** Of one execution. What is more is cut or left out, and says so. */
export const exchangeLimits = {
  exchanges: 64,
  requestBytes: 64 * 1024,
  responseBytes: 256 * 1024,
  /** Bodies, headers and URLs together. */
  totalBytes: 1024 * 1024,
  urlLength: 16 * 1024,
} as const;

const TEXT_MAX = 8_192;
const HEADERS_MAX = 2_000;

/** `cut`: there was more. */
export const RecordedBytes = z.object({
  base64: z.string().max(Math.ceil(exchangeLimits.responseBytes / 3) * 4),
  cut: z.boolean(),
});
export type RecordedBytes = z.infer<typeof RecordedBytes>;

const ExchangeError = z.object({
  code: z.string().max(TEXT_MAX).optional(),
  message: z.string().max(TEXT_MAX),
});

const ofAll = {
  /** Milliseconds since the execution began. */
  startedMs: z.number(),
  durationMs: z.number(),
  error: ExchangeError.optional(),
  /** Why the egress policy refused it. */
  blocked: z.string().max(TEXT_MAX).optional(),
  /** It was under way when the execution had its outcome. */
  unfinished: z.boolean(),
};

export const HttpExchange = z.object({
  kind: z.literal('http'),
  method: z.string().max(TEXT_MAX),
  url: z.string().max(exchangeLimits.urlLength),
  /** Raw name, value, name, value; without those that frame the message. */
  headers: strings(HEADERS_MAX),
  body: RecordedBytes,
  response: z
    .object({
      status: z.number().int(),
      statusText: z.string().max(TEXT_MAX),
      headers: strings(HEADERS_MAX),
      /** As the script saw it: decompressed, where the host has done that for it. */
      body: RecordedBytes,
      decompressed: z.boolean(),
    })
    .optional(),
  /** The URL or headers were too long. */
  cut: z.boolean(),
  ...ofAll,
});
export type HttpExchange = z.infer<typeof HttpExchange>;

export const SocketExchange = z.object({
  kind: z.literal('socket'),
  host: z.string().max(1024),
  port: z.number(),
  tls: z.boolean(),
  /** Bytes of this execution alone: a socket may have been opened by one before. */
  bytesIn: z.number(),
  bytesOut: z.number(),
  ...ofAll,
});
export type SocketExchange = z.infer<typeof SocketExchange>;

export const Exchange = z.discriminatedUnion('kind', [
  HttpExchange,
  SocketExchange,
  /** There were more than are told. Comes once, last. */
  z.object({ kind: z.literal('more') }),
]);
export type Exchange = z.infer<typeof Exchange>;
