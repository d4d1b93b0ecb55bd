import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { quotas } from '../../sandbox/host/quotas.ts';

const page = readFileSync(new URL('../../docs/scripts.md', import.meta.url), 'utf8');

/** The limit in the row of the table that begins with these words. */
function limitOf(words: string): string | undefined {
  const row = page.split('\n').find((line) => line.startsWith(`| ${words}`));
  return row?.split('|')[2]?.trim();
}

const { kinds } = quotas;
const said = (...numbers: number[]) => numbers.map((each) => each.toLocaleString('en')).join(', ');

test.each([
  ['timers, requests, sockets', said(quotas.operations)],
  ['bytes given to them', `${quotas.givenMb} MB`],
  ['sockets at once', said(kinds.socket.atOnce, kinds.socket.begun)],
  ['TLS sockets over streams', said(kinds.tls.atOnce, kinds.tls.begun)],
  ['look-ups of names', said(kinds['dns.lookup'].atOnce, kinds['dns.lookup'].begun)],
  ['look-ups of names, and questions', said(kinds['dns.resolve'].atOnce, kinds['dns.resolve'].begun)],
  ['bytes over sockets and HTTP', `${quotas.networkMb} MB`],
  ['timers and requests that have ended', said(quotas.waitingEvents)],
  ['bytes that have come in', `${quotas.waitingMb} MB`],
  ['the result, as JSON', `${quotas.resultBytes / 1024} KB`],
  ['lines of the console', said(quotas.consoleLines, quotas.consoleText)],
  ['late calls of the callback', said(quotas.events)],
])('docs/scripts.md has the limit of %s', (words, limit) => {
  expect(limitOf(words)).toBe(limit);
});
