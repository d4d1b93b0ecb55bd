import { readFileSync } from 'node:fs';

export interface WatchedProcess {
  pid: number | undefined;
  /** Megabytes of resident memory from which it is replaced. */
  memoryMb: number;
  ping(id: number): void;
  /** It should get no more work. */
  onSpoiled(reason: string): void;
  /** It has to be ended, now. */
  onLost(reason: string): void;
}

export interface Watch {
  /** The process has answered. */
  pong(beat: { id: number; rssMb: number; threadMs: number }): void;
  /** It has let beats pass without an answer. */
  isSilent(): boolean;
  close(): void;
}

const BEAT_MS = 1_000;
/** Counted in beats of this process's own clock, so that a stall of this process is not taken for one of the other. */
const SILENT_AFTER_BEATS = 2;
const LOST_AFTER_BEATS = 5;
const SLOW_MS = 1_000;
/** Of the time, the CPU time of the thread that answers. With less it is the machine that is slow, and a successor would be no faster. */
const HELD_UP_ABOVE = 0.5;
const SPOILED_AFTER_BEATS = 5;
const FULL_FOR_BEATS = 3;
/** Of `memoryMb`: from here on there is no time to replace it first. */
const AT_ONCE = 1.5;

/** Looks after one sandbox process: whether it answers, how soon, and how much memory it has. */
export function watchProcess({ pid, memoryMb, ping, onSpoiled, onLost }: WatchedProcess): Watch {
  let lastId = 0;
  let sentAt = 0;
  let unanswered = 0;
  let slowBeats = 0;
  let fullBeats = 0;
  let toldMb = 0;
  let answered = { at: performance.now(), threadMs: 0 };

  function checkMemory(): void {
    const rssMb = Math.max(toldMb, residentMb(pid));
    if (rssMb > memoryMb * AT_ONCE) return onLost(`it had ${Math.round(rssMb)} MB of memory`);
    fullBeats = rssMb > memoryMb ? fullBeats + 1 : 0;
    if (fullBeats === FULL_FOR_BEATS) onSpoiled(`it had ${Math.round(rssMb)} MB of memory`);
  }

  function beat(): void {
    checkMemory();
    if (unanswered > 0) {
      unanswered++;
      if (unanswered > LOST_AFTER_BEATS) onLost(`it did not answer for ${LOST_AFTER_BEATS} s`);
      return;
    }
    unanswered = 1;
    sentAt = performance.now();
    ping(++lastId);
  }

  const timer = setInterval(beat, BEAT_MS).unref();

  return {
    pong({ id, rssMb, threadMs }) {
      toldMb = rssMb;
      if (id !== lastId) return;
      unanswered = 0;
      const now = performance.now();
      const share = (threadMs - answered.threadMs) / (now - answered.at);
      answered = { at: now, threadMs };
      slowBeats = now - sentAt > SLOW_MS && share > HELD_UP_ABOVE ? slowBeats + 1 : 0;
      if (slowBeats === SPOILED_AFTER_BEATS) onSpoiled('its event loop was held up');
    },
    isSilent: () => unanswered > SILENT_AFTER_BEATS,
    close: () => clearInterval(timer),
  };
}

/** Asked of the system, since a process that hangs does not tell. 0 where the system is not Linux. */
function residentMb(pid: number | undefined): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readStatus(pid))?.[1] ?? 0) / 1024;
}

/** Whether somebody has stopped it (SIGSTOP): then it is not its scripts that keep it from answering. */
export function isStopped(pid: number | undefined): boolean {
  return /^State:\s+[Tt]/m.test(readStatus(pid));
}

function readStatus(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return '';
  }
}
