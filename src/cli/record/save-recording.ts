import type { Config } from '../../config.ts';
import type { Connection } from '../../connections/connection.ts';
import type { RedactedFixture } from '../../fixtures/redact/recording.ts';
import type { CommandIo } from '../run/load-for-run.ts';
import { type Replay, replay } from './replay.ts';
import { type WriteOptions, writeRecording } from './write-recording.ts';

export interface SavedRecording extends Replay {
  out: string;
  case: string;
  calls: number;
  /** Fields whose numbers are as they were; unknown of what a service has redacted. */
  keptNumbers?: string[];
}

/**
 * Replays the fixture and writes it. One that ends otherwise is written all the same, for its author to mend, and marked
 * with `skip`: nothing claims that it holds.
 */
export async function saveRecording(
  fixture: RedactedFixture,
  connection: Connection,
  target: WriteOptions,
  { config, io }: { config: Config; io: CommandIo },
): Promise<SavedRecording> {
  const limits = {
    wallMs: config.scriptTimeoutMs,
    cpuMs: config.scriptCpuMs,
    memoryMb: config.scriptMemoryMb,
  };
  const replayed = await replay(fixture, connection, {
    ...io,
    openSandbox: (options) => io.openSandbox({ ...options, limits }),
  });
  const [only] = fixture.cases;
  if (!replayed.same)
    only.skip = `recorded, but it ends otherwise when it is replayed: ${replayed.differences[0]}`;
  await writeRecording(fixture, target);
  return { ...replayed, out: target.out, case: only.name, calls: only.http.length };
}

export function describeSaved({
  out,
  case: name,
  calls,
  same,
  differences,
  derived,
  keptNumbers = [],
}: SavedRecording): string {
  const numbers =
    keptNumbers.length === 0 ? '' : `  numbers that are kept as they are: ${keptNumbers.join(', ')}\n`;
  const fields =
    derived.length === 0
      ? ''
      : `  left out of what is expected, as scripts derive it: ${derived.join(', ')}\n`;
  const written = `${out}: the case "${name}" with ${calls} ${calls === 1 ? 'call' : 'calls'}\n${fields}${numbers}`;
  if (same) return `✓ replayed, and it ends as the run did\n${written}  run it: npx drawbridge test ${out}\n`;
  const list = differences.map((line) => `  ${line}\n`).join('');
  return (
    `✗ replayed, and it ends OTHERWISE than the run did\n${list}${written}` +
    '  It is marked with "skip" and proves nothing yet. Most often the script reads something that was masked, or sends\n' +
    '  something that is another each time; put that into the mock by hand, and take "skip" away\n'
  );
}
