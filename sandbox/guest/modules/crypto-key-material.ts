export type KeyType = 'secret' | 'public' | 'private';

/** All there is of a key: raw bytes of a secret one, SPKI or PKCS#8 DER of the others. The host keeps nothing. */
export interface KeyMaterial {
  type: KeyType;
  bytes: Uint8Array;
  asymmetricKeyType?: string;
  asymmetricKeyDetails?: Record<string, unknown>;
}
