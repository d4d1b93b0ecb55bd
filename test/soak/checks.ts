import { errorTable } from '../../src/errors.ts';
import { expectedCodes } from './calls.ts';
import type { MemorySample } from './processes.ts';
import type { Exchange } from './traffic.ts';

export interface Verdict {
  promise: string;
  kept: boolean;
  /** The figures, or the first of what was wrong. */
  detail: string;
}

export interface Findings {
  exchanges: readonly Exchange[];
  unaskedBytes: number;
  created: ReadonlyMap<string, number>;
  deadlineMs: number;
  graceMs: number;
  /** How long this process was held up itself within a time; what it measures is late by that. */
  stalledMs(from: number, to: number): number;
  memory: readonly MemorySample[];
  lengthMs: number;
  /** The connections whose steady calls were answered well again when all was over. */
  recovered: { connections: number; of: number };
}

/**
 * Of the calls of the good connections; the rest meets a process that is killed or stopped under it. A short run is
 * disturbed for most of its time, and a process that is stopped is given work until a deadline shows that it is.
 */
const servedShare = (lengthMs: number) => (lengthMs < 60_000 ? 0.5 : 0.9);
const GROWTH = 1.25;
const GROWTH_MB = 40;
/** Caches and the code of V8 fill for about this long. */
const MEMORY_JUDGED_FROM_MS = 60_000;

/** A verdict for each promise. */
export function check(findings: Findings): Verdict[] {
  return [
    oneAnswer(findings),
    inTime(findings),
    createdOnce(findings),
    rightUser(findings),
    documentedCodes(findings),
    served(findings),
    recovered(findings),
    flatMemory(findings, 'service'),
    flatMemory(findings, 'sandbox'),
  ];
}

function verdict(promise: string, wrong: readonly string[], detail: string): Verdict {
  const kept = wrong.length === 0;
  return { promise, kept, detail: kept ? detail : `${wrong.length} times; first: ${wrong[0]}` };
}

const shown = ({ call, code, tookMs }: Exchange) =>
  `${call.connection} ${call.action} answered ${code} after ${Math.round(tookMs)} ms`;

function oneAnswer({ exchanges, unaskedBytes }: Findings): Verdict {
  const wrong = exchanges.filter(({ code }) => code === 'no answer').map(shown);
  if (unaskedBytes > 0) wrong.push(`${unaskedBytes} bytes came that nobody had asked for`);
  return verdict('every request gets exactly one answer', wrong, `${exchanges.length} requests`);
}

function inTime({ exchanges, deadlineMs, graceMs, stalledMs }: Findings): Verdict {
  const lateMs = exchanges.map((each) => lateness(each, deadlineMs, stalledMs));
  const wrong = exchanges.filter((_, index) => lateMs[index]! > graceMs).map(shown);
  const most = Math.round(lateMs.reduce((one, other) => Math.max(one, other), 0));
  return verdict(`no answer comes later than ${graceMs} ms after the deadline`, wrong, `at most ${most} ms`);
}

/** Milliseconds after the deadline, what this process was held up by taken off. */
export function lateness(
  { sentAt, tookMs }: Exchange,
  deadlineMs: number,
  stalledMs: Findings['stalledMs'],
): number {
  if (tookMs <= deadlineMs) return 0;
  return Math.max(0, tookMs - deadlineMs - stalledMs(sentAt, sentAt + tookMs));
}

function createdOnce({ exchanges, created }: Findings): Verdict {
  const wrong = [...created]
    .filter(([, times]) => times > 1)
    .map(([email, times]) => `${email} ${times} times`);
  const creates = exchanges.filter(({ call }) => call.creates !== undefined);
  for (const { call, code } of creates) {
    if (code === 'ok' && !created.has(call.creates!))
      wrong.push(`${call.creates} was confirmed and is not there`);
  }
  const repeated = creates.length - new Set(creates.map(({ call }) => call.creates)).size;
  return verdict('no create is run twice', wrong, `${created.size} users; ${repeated} requests were repeats`);
}

function rightUser({ exchanges }: Findings): Verdict {
  const answered = exchanges.filter(({ call, code }) => call.user && code === 'ok');
  const wrong = answered
    .filter(({ call, user }) => user?.user_id !== call.user?.user_id || user?.email !== call.user?.email)
    .map(({ call, user }) => `${call.user?.user_id} was asked for, ${user?.user_id} came`);
  return verdict('no other user is ever returned', wrong, `${answered.length} users`);
}

function documentedCodes({ exchanges }: Findings): Verdict {
  const isExpected = ({ call, code }: Exchange) =>
    expectedCodes[call.party].has(code) && (code === 'ok' || code in errorTable);
  const wrong = exchanges.filter((each) => each.code !== 'no answer' && !isExpected(each)).map(shown);
  const codes = new Set(exchanges.map(({ code }) => code));
  return verdict(
    'only codes that are documented for the case, never internal_error',
    wrong,
    `${codes.size} codes`,
  );
}

function served({ exchanges, lengthMs }: Findings): Verdict {
  const least = servedShare(lengthMs);
  const steady = exchanges.filter(({ call }) => call.party === 'steady');
  const share = steady.filter(({ code }) => code === 'ok').length / Math.max(1, steady.length);
  const detail = `${(share * 100).toFixed(2)} % of ${steady.length}`;
  return {
    promise: `the good connections are served all the while (${least * 100} %)`,
    kept: share >= least,
    detail,
  };
}

function recovered({ recovered: { connections, of } }: Findings): Verdict {
  return {
    promise: 'all is well again afterwards',
    kept: connections === of,
    detail: `${connections} of ${of} good connections`,
  };
}

function flatMemory({ memory, lengthMs }: Findings, whose: 'service' | 'sandbox'): Verdict {
  const promise = `the memory of ${whose === 'service' ? 'the service' : 'a sandbox process'} stays flat`;
  if (lengthMs < MEMORY_JUDGED_FROM_MS) return { promise, kept: true, detail: 'not judged: under a minute' };
  const [begin, end] = [windowMb(memory, whose, 0.2, 0.45), windowMb(memory, whose, 0.75, 1)];
  return { promise, kept: end <= begin * GROWTH + GROWTH_MB, detail: `${begin} MB, then ${end} MB` };
}

/** The median of a part of the run. */
export function windowMb(
  memory: readonly MemorySample[],
  whose: 'service' | 'sandbox',
  from: number,
  to: number,
): number {
  const part = memory.slice(Math.floor(memory.length * from), Math.ceil(memory.length * to));
  const values = part.flatMap((sample) => (whose === 'service' ? [sample.serviceMb] : sample.sandboxMb));
  const sorted = values.sort((one, other) => one - other);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}
