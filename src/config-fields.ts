import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { readEgressEntry, splitScope } from '../sandbox/contract/egress-entry.ts';
import { parseEncryptionKeys } from './encryption/encryption-key.ts';
import { createSecret } from './keys/secret.ts';
import { findSandboxUser } from './pool/sandbox-user.ts';

/** Fields of the configuration: text in (flags and variables are text), a checked value out. */

export const integer = (min: number, max: number) =>
  z
    .string()
    .trim()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max);

export const directory = z
  .string()
  .min(1)
  .transform((path) => resolve(path));

export const hostName = z
  .string()
  .trim()
  .transform((host) => host.replace(/^\[(.*)\]$/, '$1'))
  .refine((host) => ipaddr.isValid(host) || /^(?!-)[a-z0-9.-]{1,253}$/i.test(host));

/** Visible ASCII (RFC 6750 §2.1 allows less, proxies pass this); 16 characters rule out words and PINs. */
export const apiKey = z
  .string()
  .regex(/^[\x21-\x7e]{16,512}$/)
  .transform(createSecret);

export const encryptionKeys = z
  .string()
  .refine((text) => parseEncryptionKeys(text) !== undefined)
  .transform(createSecret);

export const tenantName = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/i);

const connectionName = /^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$/;

/** An entry, or `connection=entry`. */
export function isEgressEntry(text: string): boolean {
  const { connection, entry } = splitScope(text);
  return (
    readEgressEntry(entry) !== undefined && (connection === undefined || connectionName.test(connection))
  );
}

export const egressList = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
  .refine((entries) => entries.every(isEgressEntry));

export const networkList = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
  .refine((entries) => entries.every((entry) => ipaddr.isValid(entry) || ipaddr.isValidCIDR(entry)));

export const sandboxUser = z.string().transform((text, context) => {
  const user = findSandboxUser(text.trim());
  if (!user) context.addIssue({ code: 'custom', message: 'no such user' });
  return user ?? z.NEVER;
});

const word = /(?:[^\s'"]+|'[^']*'|"[^"]*")+/g;

/** The words of a command, quotes taken off. No shell ever sees it: `$`, `;` and the like mean nothing. */
export const commandWords = z
  .string()
  .refine((text) => text.replace(word, '').trim() === '' && text.trim() !== '')
  .transform((text) => (text.match(word) ?? []).map((each) => each.replace(/'([^']*)'|"([^"]*)"/g, '$1$2')));

export const cores = () => String(availableParallelism());

export const isLoopback = (host: string): boolean => {
  if (host.toLowerCase() === 'localhost') return true;
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback';
};
