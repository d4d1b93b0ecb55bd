import { createHmac, randomBytes } from 'node:crypto';
import { type ErrorCode, errorTable, ServiceError } from '../errors.ts';
import type { Answer } from './answer.ts';

/** An answer together with the error code it stands for, if it does. */
export interface CodedAnswer {
  answer: Answer;
  code?: ErrorCode;
  /** A script that writes had begun before the error. */
  writeBegun?: boolean;
  /** It had to wait for its connection to be loaded: how long it took is not what it takes. */
  coldStart?: boolean;
}

export interface Idempotency {
  /**
   * The first answer for this scope and key, made by `produce` when there is none. Throws
   * idempotency_key_reused when the key came with another body before. `replayed`: nothing was run.
   */
  once(
    request: { scope: readonly string[]; key: string; body: unknown },
    produce: () => Promise<CodedAnswer>,
  ): Promise<CodedAnswer & { replayed: boolean }>;
}

interface Entry {
  bodyMac: string;
  /** Under way or done. */
  outcome: Promise<CodedAnswer>;
  expiresAt: number;
  bytes: number;
}

const UNDER_WAY = Number.POSITIVE_INFINITY;

/** Answers that say nothing ran: the next request with the key may find things put right. */
const nothingRan: ReadonlySet<ErrorCode> = new Set([
  'invalid_request',
  'connection_not_found',
  'script_not_found',
  'script_invalid',
  'context_object_disabled',
  'user_handle_not_found',
  'user_handle_taken',
  'user_handles_off',
]);

/** Once a write has begun nobody can tell whether it was made, so the key must not run it again. */
function mayBeKept({ code, writeBegun }: CodedAnswer): boolean {
  return code === undefined || writeBegun === true || !(errorTable[code].retryable || nothingRan.has(code));
}

/** The same for bodies that differ only in the order of their fields. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

/** Visible ASCII, as RFC 9110 lets a header value be; undefined when the header is absent. */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (/^[\x21-\x7e]{1,255}$/.test(header)) return header;
  const message = 'must have 1 to 255 visible ASCII characters without spaces';
  throw new ServiceError('invalid_request', {
    detail: `The header Idempotency-Key ${message}`,
    issues: [{ path: 'Idempotency-Key', message, code: 'invalid_value' }],
  });
}

/**
 * In memory and bounded: at `maxEntries` or `maxBytes` the entry used longest ago goes. Of a request only a MAC
 * is kept, under a key that lives as long as the process, since bodies hold passwords and a plain hash of a
 * short one can be searched for.
 */
export function createIdempotency({
  lifetimeMs = 24 * 60 * 60 * 1000,
  maxEntries = 10_000,
  maxBytes = 64 * 1024 * 1024,
  now = Date.now,
}: {
  lifetimeMs?: number;
  maxEntries?: number;
  maxBytes?: number;
  now?: () => number;
} = {}): Idempotency {
  const macKey = randomBytes(32);
  const macOf = (text: string) => createHmac('sha256', macKey).update(text).digest('base64');
  /** A Map keeps the order of insertion: the first entry is the one used longest ago. */
  const entries = new Map<string, Entry>();
  let bytes = 0;

  function forget(name: string): void {
    bytes -= entries.get(name)?.bytes ?? 0;
    entries.delete(name);
  }

  function makeRoom(): void {
    for (const [name, entry] of entries) {
      if (entries.size <= maxEntries && bytes <= maxBytes) return;
      // One under way has to stay: without it the same request would run beside the first.
      if (entry.expiresAt !== UNDER_WAY) forget(name);
    }
  }

  function find(name: string): Entry | undefined {
    const entry = entries.get(name);
    if (!entry) return undefined;
    if (entry.expiresAt <= now()) {
      forget(name);
      return undefined;
    }
    entries.delete(name);
    entries.set(name, entry);
    return entry;
  }

  function begin(name: string, bodyMac: string, produce: () => Promise<CodedAnswer>): Entry {
    const entry: Entry = { bodyMac, outcome: produce(), expiresAt: UNDER_WAY, bytes: 0 };
    entries.set(name, entry);
    const isStillThere = () => entries.get(name) === entry;
    entry.outcome.then(
      (coded) => {
        if (!isStillThere()) return;
        if (!mayBeKept(coded)) return forget(name);
        entry.expiresAt = now() + lifetimeMs;
        entry.bytes = name.length + (coded.answer.body?.length ?? 0) * 2;
        bytes += entry.bytes;
        makeRoom();
      },
      () => {
        if (isStillThere()) forget(name);
      },
    );
    makeRoom();
    return entry;
  }

  return {
    async once({ scope, key, body }, produce) {
      const name = macOf(JSON.stringify([...scope, key]));
      const bodyMac = macOf(canonicalJson(body));
      const known = find(name);
      if (known && known.bodyMac !== bodyMac) {
        throw new ServiceError('idempotency_key_reused', {
          detail: 'The Idempotency-Key came with another body before; use a new key for a new request',
        });
      }
      const entry = known ?? begin(name, bodyMac, produce);
      return { ...(await entry.outcome), replayed: known !== undefined };
    },
  };
}
