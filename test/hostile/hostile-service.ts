import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { errorTable } from '../../src/errors.ts';
import type { LogLine } from '../service/recorded-log.ts';
import { connectionFiles, password, type Reply, startService } from '../service/running-service.ts';
import type { Attack, Expected, Family } from './attack.ts';

/**
 * The service with one sandbox process and small limits, and a connection `good` beside those that attack it: whatever
 * they do, `good` is answered as if nobody else were there.
 */
export interface HostileService extends AsyncDisposable {
  /** Serves a connection for each attack of the family. */
  open(family: Family): Promise<void>;
  /** Makes the attack, and has `good` called beside it and after it. */
  attack(family: Family, attack: Attack): Promise<void>;
  /** Takes the last connections away. */
  close(): Promise<void>;
  /** Megabytes of the process: after ordinary scripts, and the least that it comes back to in a while. */
  memory(): Promise<{ beganMb: number; endedMb: number }>;
}

export interface HostileLimits {
  wallMs: number;
  cpuMs: number;
  memoryMb: number;
}

/** A machine that has other things to do, and a process that is being replaced. */
const GOOD_WITHIN_MS = 1_500;
const GOOD_AFTER_RESTART_MS = 5_000;
/** What is aimed at: a fifth more than at first. */
const COMES_BACK_TO = 1.2;
/** Connections that are taken away together: the directory is read again a moment after a change. */
const REMOVED_AT_ONCE = 10;
/** Of ordinary work, before memory is measured. */
const ROUNDS = 3;
/** V8 keeps the pages of isolates that are gone for eight seconds, for others to use. */
const SETTLES_WITHIN_MS = 25_000;
/** Of isolated-vm, of Node's and of this project's own files: nothing that a script is to see. */
const traces =
  /isolated-vm|ExternalCopy|Transferable|node:internal|sandbox\/(host|guest|contract)|node_modules/;

const good = {
  get_user: `function getUser(identifier, context, callback) {
    const crypto = require('crypto');
    const digest = crypto.createHash('sha256').update(identifier).digest('hex');
    setTimeout(() => callback(null, { user_id: digest.slice(0, 8), email: identifier }), 1);
  }`,
};
const goodUser = { user_id: '8c87b489', email: 'jane@example.com' };

/** What ordinary scripts make of a process: its memory is compared with that from then on. */
const ordinary = `const axios = require('axios');
  const crypto = require('crypto');
  async function login(identifier, password, context, callback) {
    crypto.createHash('sha256').update(password).digest('hex');
    await axios.get('http://127.0.0.1:1/').catch(() => {});
    console.log('an ordinary script');
    callback(null, { user_id: '1' });
  }`;

export async function startHostileService(
  families: readonly Family[],
  limits: HostileLimits,
): Promise<HostileService> {
  const servers = new Map(
    await Promise.all(families.map(async (family) => [family.name, await family.servers?.()] as const)),
  );
  const allow = [...servers.values()].flatMap((each) => each?.allow ?? []);
  let root = '';
  /** Connections that have made their attack. */
  const done: string[] = [];
  const service = await startService({
    files: {
      ...connectionFiles('good', good),
      ...Object.assign({}, ...[...servers.values()].map((each) => each?.files)),
    },
    env(directory) {
      root = directory;
      return {
        DRAWBRIDGE_SCRIPT_TIMEOUT_MS: String(limits.wallMs),
        DRAWBRIDGE_SCRIPT_CPU_MS: String(limits.cpuMs),
        DRAWBRIDGE_SCRIPT_MEMORY_MB: String(limits.memoryMb),
        DRAWBRIDGE_EGRESS_ALLOW: allow.join(','),
      };
    },
  });
  for (let round = 0; round < ROUNDS; round++) await workOrdinarily(round);
  await callGood();
  const atWorkMb = rssMb();

  async function open(family: Family): Promise<void> {
    const configuration = servers.get(family.name)?.configuration ?? {};
    const files = family.attacks.map(({ action = 'login', script }, index) =>
      connectionFiles(nameOf(family, index), { [action]: script }, { configuration }),
    );
    const served = family.attacks.map((_, index) => isServed(nameOf(family, index)));
    await service.write(Object.assign({}, ...files));
    await Promise.all(served.map((each) => service.log.line(each)));
  }

  /** Takes connections away: their isolates are let go of, and what memory these had is there for the next. */
  async function remove(connections: readonly string[]): Promise<void> {
    for (const connection of connections) {
      await rm(`${root}/database-connections/${connection}`, { recursive: true, force: true });
    }
    await Promise.all(connections.map((each) => service.log.line(isRemoved(each))));
  }

  async function make(family: Family, attack: Attack): Promise<{ reply: Reply; tookMs: number }> {
    const { action = 'login' } = attack;
    const connection = nameOf(family, family.attacks.indexOf(attack));
    const started = performance.now();
    const reply = await service.run(connection, action.replace('_', '-'), bodies[action]);
    return { reply, tookMs: performance.now() - started };
  }

  /** What any service does: connections come, are called, and go. */
  async function workOrdinarily(round: number): Promise<void> {
    const family = ordinaryFamily(round);
    await open(family);
    for (const attack of family.attacks) await make(family, attack);
    for (let n = 0; n < 20; n++) await callGood();
    await remove(family.attacks.map((_, index) => nameOf(family, index)));
  }

  async function callGood(): Promise<number> {
    const started = performance.now();
    const reply = await service.run('good', 'get-user', { identifier: 'jane@example.com' });
    expect(reply.body).toMatchObject({ found: true, user: goodUser });
    return performance.now() - started;
  }

  function pid(): number {
    return Number(service.log.lines.findLast(isUp)?.fields.pid);
  }

  function rssMb(): number {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid()}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  }

  return {
    open,
    async attack(family, attack) {
      done.push(nameOf(family, family.attacks.indexOf(attack)));
      const before = pid();
      const beside = callGood();
      beside.catch(() => {});
      const { reply, tookMs } = await make(family, attack);
      expectReply(reply, attack.expect);
      expect(tookMs).toBeLessThan(attack.withinMs ?? limits.wallMs + 500);
      servers.get(family.name)?.check?.();
      await beside;
      const goodMs = await callGood();
      expect(goodMs).toBeLessThan(pid() === before ? GOOD_WITHIN_MS : GOOD_AFTER_RESTART_MS);
      if (done.length >= REMOVED_AT_ONCE) await remove(done.splice(0));
    },
    async close() {
      await remove(done.splice(0));
      await callGood();
      // Mistakes in scripts have a connection.
      const isOurs = ({ level, fields }: LogLine) => level === 'error' && fields.connection === undefined;
      expect(service.log.lines.filter(isOurs)).toEqual([]);
    },
    async memory() {
      // V8 gives back pages that nobody uses after the end of an isolate.
      await workOrdinarily(ROUNDS);
      const least = { beganMb: atWorkMb, endedMb: rssMb() };
      const until = performance.now() + SETTLES_WITHIN_MS;
      while (least.endedMb > atWorkMb * COMES_BACK_TO && performance.now() < until) {
        await pause(500);
        least.endedMb = Math.min(least.endedMb, rssMb());
      }
      return least;
    },
    async [Symbol.asyncDispose]() {
      await service.stop();
      for (const each of servers.values()) await each?.[Symbol.asyncDispose]();
    },
  };
}

function expectReply(reply: Reply, expected: Expected): void {
  expect(reply.text).not.toMatch(traces);
  const { code, detail, user = { user_id: '1' } } = expected;
  if (code === 'ok') {
    expect(reply.body).toMatchObject({ user });
    expect(reply.body.user).toEqual(user);
    return;
  }
  const status = expected.status ?? errorTable[code].status;
  expect({ status: reply.status, code: reply.body.code, detail: reply.body.detail }).toEqual({
    status,
    code,
    detail: detail === undefined ? reply.body.detail : expect.stringMatching(detail),
  });
}

const ordinaryFamily = (round: number): Family => ({
  name: `ordinary-${round}`,
  attacks: Array.from({ length: REMOVED_AT_ONCE }, (_, n) => ({
    name: String(n),
    script: ordinary,
    expect: { code: 'ok' },
  })),
});

const nameOf = ({ name }: Family, index: number) => `${name}-${index}`;

const isUp = ({ message }: LogLine) => message === 'a sandbox process is up';

/** Added, or added with a script that cannot be served. */
const isServed =
  (connection: string) =>
  ({ level, message, fields }: LogLine) =>
    message === `connection ${connection} added` || (level === 'error' && fields.connection === connection);

const isRemoved =
  (connection: string) =>
  ({ message }: LogLine) =>
    message === `connection ${connection} removed`;

const bodies = {
  login: { identifier: 'jane@example.com', password },
  get_user: { identifier: 'jane@example.com' },
  create: { user: { email: 'jane@example.com', password } },
};
