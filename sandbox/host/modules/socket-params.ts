import * as z from 'zod';
import { strings } from '../../contract/strings.ts';
import { UpstreamTls } from '../../contract/upstream-tls.ts';

const port = z.number().int().min(0).max(65_535);

/** TLS as a guest asks for it: node:tls's own options, and how the peer is judged. */
export const SocketTls = UpstreamTls.extend({
  alpn: strings(100).optional(),
  /** The name that the certificate must have. */
  host: z.string().max(1024).optional(),
  /** The guest judges the name itself, or nobody does: the host checks the chain alone. */
  skipNameCheck: z.boolean().optional(),
  /** The guest judges chain and name: the host reports what it found and goes on. */
  reportOnly: z.boolean().optional(),
});
export type SocketTls = z.infer<typeof SocketTls>;

/** What a guest asks of the operation `socket`. */
export const SocketParams = z.object({
  host: z.string().min(1).max(1024),
  port,
  family: z.union([z.literal(0), z.literal(4), z.literal(6)]).optional(),
  noDelay: z.boolean().optional(),
  /** Milliseconds until the first probe, where the socket is to be kept alive. */
  keepAliveMs: z.number().min(0).optional(),
  /** TLS from the first byte on. */
  tls: SocketTls.optional(),
});
export type SocketParams = z.infer<typeof SocketParams>;

/** Of the operation `tls`: TLS over a stream of the guest's own. */
export const TlsParams = z.object({ tls: SocketTls });

export const SocketMessage = {
  read: z.number().positive(),
  noDelay: z.boolean(),
  keepAlive: z.object({ enable: z.boolean(), delayMs: z.number().min(0) }),
} as const;
