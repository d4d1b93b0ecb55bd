import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createEventFile, type EventFileProblem } from '../../src/events/event-file.ts';
import { createEventLog } from '../../src/events/event-log.ts';
import { EVENT_MAX_BYTES } from '../../src/events/log-event.ts';

const root = mkdtempSync(join(tmpdir(), 'drawbridge-events-'));
afterAll(() => rmSync(root, { recursive: true }));

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { log_id: string; user_id: string });

test('an event has what the table and the caller say of it', () => {
  const log = createEventLog({ tenant: 'acme', now: () => Date.UTC(2026, 2, 1, 8, 30, 0, 7) });
  const event = log.emit({ type: 'fp', connection: 'users', user_id: '42', details: { a: undefined, b: 1 } });
  expect(event).toEqual({
    log_id: event.log_id,
    date: '2026-03-01T08:30:00.007Z',
    type: 'fp',
    description: 'Login failed: wrong password',
    tenant_name: 'acme',
    strategy: 'auth0',
    strategy_type: 'database',
    connection: 'users',
    user_id: '42',
    details: { b: 1 },
  });
});

test('ids sort in the order of the events, though the clock goes back', () => {
  const clock = [5, 5, 3, 7, 1, 7, 8];
  let at = 0;
  const log = createEventLog({ tenant: 't', now: () => clock[at++]! });
  const ids = clock.map(() => log.emit({ type: 's' }).log_id);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the newest are kept, and pages have each of them once', () => {
  const log = createEventLog({ tenant: 't', keep: 250 });
  const all = Array.from({ length: 400 }, (_, index) => log.emit({ type: 's', user_id: String(index) }));
  const seen: string[] = [];
  let from: string | undefined;
  do {
    const page = log.page({ take: 40, from });
    seen.push(...page.events.map(({ log_id }) => log_id));
    // What comes in between belongs before the first page.
    if (from === undefined) log.emit({ type: 'f' });
    from = page.next;
  } while (from !== undefined);
  const kept = all.slice(-249).map(({ log_id }) => log_id);
  expect(seen.slice(0, kept.length)).toEqual(kept.reverse());
  expect(new Set(seen).size).toBe(seen.length);
});

test('there is no next page after the last event', () => {
  const log = createEventLog({ tenant: 't' });
  log.emit({ type: 's' });
  log.emit({ type: 's' });
  expect(log.page({ take: 2 })).not.toHaveProperty('next');
  expect(log.page({ take: 1 })).toHaveProperty('next');
});

test('details are cut to size, and fields that must not be kept are left out', () => {
  const log = createEventLog({ tenant: 't' });
  const { details } = log.emit({
    type: 's',
    details: {
      long: 'x'.repeat(10_000),
      deep: { er: { and: { deeper: { still: { on: { and: 1 } } } } } },
      email: 'jane@example.com',
      inner: [{ password: 'a', challenge: 'b', kind: 'kept' }],
      code: () => {},
    },
  }) as { details: Record<string, unknown> };
  expect((details.long as string).length).toBe(500);
  expect(details).not.toHaveProperty('email');
  expect(details.inner).toEqual([{ kind: 'kept' }]);
  const wide = Object.fromEntries(Array.from({ length: 49 }, (_, index) => [`f${index}`, 'é'.repeat(499)]));
  const big = log.emit({ type: 's', connection: 'acme', user_agent: 'é'.repeat(9_000), details: wide });
  expect(Buffer.byteLength(JSON.stringify(big))).toBeLessThanOrEqual(EVENT_MAX_BYTES);
  expect(big).toMatchObject({ connection: 'acme', details: { truncated: true } });
});

test('a file gets every event on a line of its own, in order, for its owner alone', async () => {
  const file = join(root, 'events.jsonl');
  const log = createEventLog({ tenant: 't', file });
  const ids = Array.from({ length: 2_500 }, () => log.emit({ type: 's' }).log_id);
  await log.close();
  expect(linesOf(file).map(({ log_id }) => log_id)).toEqual(ids);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = createEventLog({ tenant: 't', file });
  again.emit({ type: 's' });
  await again.close();
  expect(linesOf(file).length).toBe(2_501);
});

test('a file that was renamed is left, and a new one begun', async () => {
  const file = join(root, 'rotated.jsonl');
  const first = createEventLog({ tenant: 't', file });
  first.emit({ type: 's', user_id: '1' });
  await expect.poll(() => linesOf(file).length).toBe(1);
  renameSync(file, `${file}.1`);
  first.emit({ type: 's', user_id: '2' });
  await first.close();
  expect(linesOf(`${file}.1`).map(({ user_id }) => user_id)).toEqual(['1']);
  expect(linesOf(file).map(({ user_id }) => user_id)).toEqual(['2']);
});

test('a file that cannot be written is told of once, and what waited is written when it can be', async () => {
  const file = join(root, 'a-directory');
  mkdirSync(file);
  const problems: EventFileProblem[] = [];
  const log = createEventLog({ tenant: 't', file, onProblem: (problem) => problems.push(problem) });
  log.emit({ type: 's', user_id: '1' });
  await expect.poll(() => problems.length).toBe(1);
  log.emit({ type: 's', user_id: '2' });
  rmdirSync(file);
  await log.close();
  expect(linesOf(file).map(({ user_id }) => user_id)).toEqual(['1', '2']);
  expect(problems).toEqual([
    { kind: 'failing', path: file, code: 'EISDIR' },
    { kind: 'works_again', path: file, lost: 0 },
  ]);
});

test('a folder that there is not is told of before there is an event', async () => {
  const path = join(root, 'no-such-folder', 'events.jsonl');
  const problems: EventFileProblem[] = [];
  const file = createEventFile({ path, onProblem: (problem) => problems.push(problem) });
  expect(problems).toEqual([{ kind: 'failing', path, code: 'ENOENT' }]);
  await file.close();
});

test('a pipe that nobody reads yet holds nothing up', async () => {
  const path = join(root, 'pipe');
  execFileSync('mkfifo', [path]);
  const problems: EventFileProblem[] = [];
  const file = createEventFile({ path, onProblem: (problem) => problems.push(problem) });
  expect(problems).toEqual([{ kind: 'failing', path, code: 'ENXIO' }]);
  file.write('{"log_id":"1"}');
  expect(await readFile(path, 'utf8')).toBe('{"log_id":"1"}\n');
  await file.close();
  expect(problems[1]).toEqual({ kind: 'works_again', path, lost: 0 });
});

test('a full disk throws nothing and ends nothing', async () => {
  const problems: EventFileProblem[] = [];
  const log = createEventLog({
    tenant: 't',
    file: '/dev/full',
    onProblem: (problem) => problems.push(problem),
  });
  for (let count = 0; count < 30; count += 1) log.emit({ type: 's' });
  await log.close();
  expect(problems).toEqual([{ kind: 'failing', path: '/dev/full', code: 'ENOSPC' }]);
  expect(log.page({ take: 100 }).events.length).toBe(30);
});

test('of what waits for a full disk the oldest is lost first, and how much is told', async () => {
  const path = join(root, 'another-directory');
  mkdirSync(path);
  const problems: EventFileProblem[] = [];
  const file = createEventFile({
    path,
    maxWaitingLines: 10,
    onProblem: (problem) => problems.push(problem),
  });
  file.write('{"log_id":"first"}');
  await expect.poll(() => problems.length).toBe(1);
  for (let index = 0; index < 30; index += 1) file.write(`{"log_id":"${index}"}`);
  rmdirSync(path);
  await file.close();
  const kept = linesOf(path).map(({ log_id }) => log_id);
  expect(kept.at(-1)).toBe('29');
  expect(kept.length).toBeLessThanOrEqual(11);
  expect(problems[1]).toEqual({ kind: 'works_again', path, lost: 31 - kept.length });
});
