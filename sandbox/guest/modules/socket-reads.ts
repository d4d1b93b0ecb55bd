import type { SocketHandle } from './socket-handle.ts';

/** Bytes read after which the host is told that it may send more. */
export const REPORT_BYTES = 64 * 1024;

/** What has come over one socket, and how much of it the host has been told is read. */
export interface SocketReads {
  /** So many bytes have come. */
  came(bytes: number): void;
  /** The stream has taken them. `wantsMore`: it has room. */
  taken(wantsMore: boolean, handle: SocketHandle | null): void;
  /** The stream has room again. */
  wanted(handle: SocketHandle | null): void;
  readonly bytes: number;
}

export function createSocketReads(): SocketReads {
  let bytes = 0;
  let unreported = 0;
  let isFull = false;

  function report(fromBytes: number, handle: SocketHandle | null): void {
    if (unreported < fromBytes) return;
    handle?.read(unreported);
    unreported = 0;
  }

  return {
    came(more) {
      bytes += more;
      unreported += more;
    },
    taken(wantsMore, handle) {
      isFull = !wantsMore;
      if (wantsMore) report(REPORT_BYTES, handle);
    },
    wanted(handle) {
      report(isFull ? 1 : REPORT_BYTES, handle);
      isFull = false;
    },
    get bytes() {
      return bytes;
    },
  };
}
