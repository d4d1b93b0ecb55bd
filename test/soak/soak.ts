/** `npm run soak`: the service under steady traffic while much goes wrong around it; see test/soak/options.ts. */
import { styleText } from 'node:util';
import { readOptions, type SoakOptions, UsageError, usage } from './options.ts';
import { type Progress, runSoak, type SoakResult } from './run-soak.ts';

const onTerminal = process.stderr.isTTY === true;

function showProgress({ leftS, requests, disturbances: { kill, stop } }: Progress): void {
  process.stderr.write(`\r\u001b[K${leftS} s left, ${requests} requests, ${kill} kills, ${stop} stops`);
}

function show(result: SoakResult): string {
  const { latencyMs, memoryMb, disturbances } = result;
  const codes = Object.entries(result.codes).map(
    ([code, count]) => `    ${String(count).padStart(8)}  ${code}`,
  );
  // styleText knows NO_COLOR and whether the stream is a terminal.
  const mark = (kept: boolean) =>
    styleText(kept ? 'green' : 'red', kept ? 'kept  ' : 'BROKEN', { stream: process.stdout });
  return [
    `seed       ${result.seed}, ${result.seconds} s`,
    `requests   ${result.requests}, by code:`,
    ...codes,
    `latency    p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms, max ${latencyMs.max} ms (good connections)`,
    `lateness   at most ${result.latestMs} ms after the deadline; this process was held up for ${result.stalledMs} ms at most`,
    `done to it ${disturbances.kill} kills, ${disturbances.stop} stops, ${disturbances.change + disturbances.break} changed files; ${result.restarts} restarts`,
    `memory     service ${memoryMb.service.join(' -> ')} MB, a sandbox process ${memoryMb.sandbox.join(' -> ')} MB`,
    ...result.verdicts.map(({ promise, kept, detail }) => `${mark(kept)} ${promise}: ${detail}`),
    mark(result.kept) +
      (result.kept
        ? ' as a whole'
        : ` as a whole; again with: npm run soak -- --seconds ${result.seconds} --seed ${result.seed}`),
  ].join('\n');
}

async function main(options: SoakOptions): Promise<void> {
  if (process.platform !== 'linux') throw new UsageError('It needs Linux: it finds processes by /proc');
  if (!options.json) console.log(`soaking for ${options.seconds} s with seed ${options.seed}`);
  const result = await runSoak(options, onTerminal && !options.json ? showProgress : undefined);
  if (onTerminal && !options.json) process.stderr.write('\r\u001b[K');
  console.log(options.json ? JSON.stringify(result, null, 2) : show(result));
  process.exitCode = result.kept ? 0 : 1;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options);
  else console.log(usage);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 2;
}
