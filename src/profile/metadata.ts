import { z } from 'zod';
import type { Findings } from './findings.ts';
import { isPlainObject, valueKind } from './value-kind.ts';

/** Names that app_metadata must not hold, because the profile itself uses them. */
const reserved = new Set([
  '__tenant',
  '_id',
  'blocked',
  'clientID',
  'created_at',
  'email_verified',
  'email',
  'globalClientID',
  'global_client_id',
  'identities',
  'lastIP',
  'lastLogin',
  'loginsCount',
  'metadata',
  'multifactor_last_modified',
  'multifactor',
  'updated_at',
  'user_id',
]);

function metadataField(field: string) {
  return z.custom<Record<string, unknown>>(isPlainObject, {
    error: ({ input }) =>
      `${field} is ${valueKind(input)}, not an object. Return an object such as { plan: "pro" }` +
      `${typeof input === 'string' ? ' (JSON.parse the text if your store keeps JSON)' : ''}, or leave ${field} out.`,
    params: { code: `${field}_type` },
  });
}

export const metadataSchemas = {
  user_metadata: metadataField('user_metadata'),
  app_metadata: metadataField('app_metadata'),
};

export function adviseMetadata(profile: Record<string, unknown>, findings: Findings): void {
  if (profile.metadata !== undefined)
    findings.warn(
      'metadata',
      'metadata_legacy',
      'metadata is the old name of app_metadata and is passed on as an unknown field. Return app_metadata.',
    );
  for (const field of ['user_metadata', 'app_metadata'] as const) {
    const metadata = profile[field];
    if (!isPlainObject(metadata)) continue;
    if (field === 'app_metadata') adviseReserved(metadata, findings);
    adviseKeys(metadata, field, findings);
  }
}

function adviseReserved(metadata: Record<string, unknown>, findings: Findings): void {
  for (const key of Object.keys(metadata))
    if (reserved.has(key))
      findings.warn(
        `app_metadata.${key}`,
        'app_metadata_reserved_key',
        `app_metadata must not hold ${key}: the name is reserved. Return it under another name.`,
      );
}

function adviseKeys(value: unknown, path: string, findings: Findings): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const innerPath = `${path}.${key}`;
    if (/[.$]/.test(key))
      findings.warn(
        innerPath,
        'metadata_key_characters',
        'A name in metadata must not contain . or $. Return it under another name.',
      );
    adviseKeys(inner, innerPath, findings);
  }
}
