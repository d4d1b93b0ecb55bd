/** What one execution may have of the host; docs/scripts.md has the same as a table. */
export const quotas = {
  /** Timers, requests, sockets, hashes and so on under way in one context. */
  operations: 1_000,
  /** Those that cost the host and others more than they cost the script. */
  kinds: {
    socket: { name: 'sockets', atOnce: 50, begun: 250 },
    tls: { name: 'TLS sockets over streams', atOnce: 50, begun: 250 },
    'dns.lookup': { name: 'look-ups of names', atOnce: 50, begun: 500 },
    'dns.resolve': { name: 'questions to DNS', atOnce: 50, begun: 500 },
  },
  /** Given to operations under way: it is the host's until these have ended. */
  givenMb: 64,
  /** Entries that wait for an execution's own busy thread, and what comes in with them. */
  waitingEvents: 4_000,
  waitingMb: 64,
  /** Over sockets and HTTP, in both directions together. */
  networkMb: 64,
  resultBytes: 256 * 1024,
  consoleLines: 200,
  /** In UTF-16 units; the guest cuts a line at it and adds a note. */
  consoleText: 8_192,
  /** Late calls of the callback, late errors and refused connections that are told. */
  events: 200,
} as const;
