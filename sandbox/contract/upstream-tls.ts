import * as z from 'zod';
import { strings } from './strings.ts';

/** Twice as long as a bundle of all public authorities. */
const MAX_TEXT = 512 * 1024;

const Pems = strings(500).refine(
  (texts) => texts.reduce((total, text) => total + text.length, 0) <= MAX_TEXT,
  'is too long',
);
const Version = z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);

/** TLS settings of a script's own, as node:tls takes them. Keys are not encrypted: the guest has seen to that. */
export const UpstreamTls = z.object({
  rejectUnauthorized: z.boolean().optional(),
  /** `false`: whatever name a valid certificate is for. */
  checkServerIdentity: z.literal(false).optional(),
  /** In the place of the public authorities. */
  ca: Pems.optional(),
  /** Beside the public authorities, or beside `ca`. */
  extraCa: Pems.optional(),
  cert: Pems.optional(),
  key: Pems.optional(),
  servername: z.string().max(255).optional(),
  minVersion: Version.optional(),
  maxVersion: Version.optional(),
  secureProtocol: z.string().max(64).optional(),
  secureOptions: z.int().optional(),
  ciphers: z.string().max(4096).optional(),
  sigalgs: z.string().max(4096).optional(),
  ecdhCurve: z.string().max(1024).optional(),
});
export type UpstreamTls = z.infer<typeof UpstreamTls>;
