import type { PerformUpstream } from '../pool/upstream-requests.ts';

/** An HTTP call of a script that brought it an error, for the messages of matchers. */
export interface CallNote {
  /** `GET https://users.example.com/users/42`, without its query. */
  request: string;
  status?: number;
  /** The code of node's own error, of a call that went to the network as nobody intercepted it. */
  unanswered?: string;
}

/** Beside the results, not in them: tests compare these as a whole. */
const notes = new WeakMap<object, readonly CallNote[]>();

export function noteCalls(result: object, calls: readonly CallNote[]): void {
  notes.set(result, calls);
}

/** Of a run, in the order in which they ended; none of a result that the kit did not make. */
export function callsOf(result: object): readonly CallNote[] {
  return notes.get(result) ?? [];
}

/** Makes calls by `perform`, and writes into `calls` those that bring an error. */
export function noting(perform: PerformUpstream, calls: CallNote[], mask: (text: string) => string) {
  const noted: PerformUpstream = async (call, signal) => {
    const request = () => {
      const { origin, pathname } = new URL(call.url);
      return mask(`${call.method} ${origin}${pathname}`);
    };
    try {
      const answer = await perform(call, signal);
      if (answer.status >= 400) calls.push({ request: request(), status: answer.status });
      return answer;
    } catch (error) {
      const unanswered = networkCode(error);
      calls.push({ request: request(), ...(unanswered === undefined ? {} : { unanswered }) });
      throw error;
    }
  };
  return noted;
}

/** Errors that a test has made up name no system call. */
function networkCode(error: unknown): string | undefined {
  const { code, syscall, errors } = error as NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] };
  const call = syscall ?? errors?.[0]?.syscall;
  return call === 'connect' || call === 'getaddrinfo' ? code : undefined;
}
