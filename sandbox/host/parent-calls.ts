import type { FromHost, ToHost } from '../contract/messages.ts';
import type { AskParent, ParentAnswer } from './upstream.ts';

export interface ParentCalls {
  /** Rejects with the code and message that the parent saw, or when the signal aborts. */
  ask: AskParent;
  answered(message: Extract<ToHost, { type: 'upstream-answer' | 'upstream-failed' }>): void;
}

/** Upstream calls that the parent makes for the scripts, so that what intercepts HTTP in its process sees them. */
export function createParentCalls(send: (message: FromHost) => void): ParentCalls {
  const waiting = new Map<number, { resolve(answer: ParentAnswer): void; reject(error: Error): void }>();
  let lastId = 0;
  return {
    ask({ execution, method, origin, path, headers, body, tls }, signal) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          waiting.delete(id);
          send({ type: 'upstream-abort', id });
          reject(new Error('The call was aborted'));
        };
        signal.addEventListener('abort', onAbort, { once: true });
        const ended = () => {
          waiting.delete(id);
          signal.removeEventListener('abort', onAbort);
        };
        waiting.set(id, {
          resolve(answer) {
            ended();
            resolve(answer);
          },
          reject(error) {
            ended();
            reject(error);
          },
        });
        const base64 = Buffer.from(body ?? []).toString('base64');
        send({
          type: 'upstream-request',
          id,
          execution,
          method,
          url: origin + path,
          headers,
          body: base64,
          tls,
        });
      });
    },
    answered(message) {
      const call = waiting.get(message.id);
      if (message.type === 'upstream-answer') {
        const { status, statusText, headers, body } = message;
        call?.resolve({ status, statusText, headers, body: Buffer.from(body, 'base64') });
      } else {
        call?.reject(Object.assign(new Error(message.message), { code: message.code }));
      }
    },
  };
}
