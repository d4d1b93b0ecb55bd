import { Buffer } from 'buffer';
import { askHost, bytesOf, toBytes } from './crypto-bytes.ts';
import { KeyObject } from './crypto-key-object.ts';
import { createPrivateKey } from './crypto-keys.ts';

/** Keys and certificates of a client, as PEM in the clear: what it costs to decrypt them is paid once and here. */
export interface KeyMaterial {
  key: string[];
  cert: string[];
  extraCa: string[];
}

interface Opened {
  key: string;
  cert: string | undefined;
  ca: string[];
}

/** Of Buffers, which agents keep; by the passphrase they were opened with. */
const openedPfx = new WeakMap<object, Map<string, Opened>>();
const decryptedKeys = new Map<string, string>();
const MAX_DECRYPTED = 16;

export function pemTexts(value: unknown, name: string): string[] {
  return [value].flat(Number.POSITIVE_INFINITY).map((one) => pemText(one, name));
}

function pemText(value: unknown, name: string): string {
  return typeof value === 'string' ? value : Buffer.from(toBytes(value, `options.${name}`)).toString('utf8');
}

/** The forms of node:tls: PEM, `{ pem, passphrase }`, or a list of either. */
export function keyTexts(value: unknown, passphrase: unknown): string[] {
  return [value].flat(Number.POSITIVE_INFINITY).map((one) => {
    if (one instanceof KeyObject) return one.export({ type: 'pkcs8', format: 'pem' }) as string;
    const isObject = typeof one === 'object' && one !== null && 'pem' in one;
    const { pem, passphrase: own } = isObject
      ? (one as { pem: unknown; passphrase?: unknown })
      : { pem: one };
    return decrypted(pemText(pem, 'key'), own ?? passphrase);
  });
}

function decrypted(pem: string, passphrase: unknown): string {
  if (passphrase === undefined || passphrase === null || !/ENCRYPTED/.test(pem)) return pem;
  const secret = text(passphrase);
  const id = `${secret}\n${pem}`;
  const known = decryptedKeys.get(id);
  if (known !== undefined) return known;
  const key = createPrivateKey({ key: pem, passphrase: secret }).export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
  if (decryptedKeys.size >= MAX_DECRYPTED) decryptedKeys.clear();
  decryptedKeys.set(id, key);
  return key;
}

/** The forms of node:tls: bytes, `{ buf, passphrase }`, or a list of either. */
export function openPfx(value: unknown, passphrase: unknown): KeyMaterial {
  const all = [value].flat(Number.POSITIVE_INFINITY).map((one) => {
    const isObject = typeof one === 'object' && one !== null && 'buf' in one;
    const { buf, passphrase: own } = isObject
      ? (one as { buf: unknown; passphrase?: unknown })
      : { buf: one };
    return opened(buf, own ?? passphrase);
  });
  return {
    key: all.map(({ key }) => key),
    cert: all.flatMap(({ cert, ca }) => (cert === undefined ? [] : [[cert, ...ca].join('')])),
    extraCa: all.flatMap(({ ca }) => ca),
  };
}

function opened(container: unknown, passphrase: unknown): Opened {
  const secret = passphrase === undefined || passphrase === null ? '' : text(passphrase);
  const holder = bytesOf(container) ? (container as object) : undefined;
  const known = holder && openedPfx.get(holder)?.get(secret);
  if (known) return known;
  const parts = { pfx: toBytes(container, 'options.pfx'), passphrase: toBytes(secret, 'options.passphrase') };
  const made = askHost('crypto.pkcs12', {}, parts).value as Opened;
  if (holder) openedPfx.set(holder, new Map([...(openedPfx.get(holder) ?? []), [secret, made]]));
  return made;
}

function text(passphrase: unknown): string {
  return typeof passphrase === 'string'
    ? passphrase
    : Buffer.from(toBytes(passphrase, 'options.passphrase')).toString('utf8');
}
