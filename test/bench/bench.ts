/** `npm run bench`: every figure of docs/performance.md, from one run on one machine; `-- --only fairness`: one part of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureAuthorTests } from './author-tests.ts';
import { counts, measureColdCalls, measureMemory, ranges } from './connections.ts';
import { measureFairness } from './fairness.ts';
import { measureFirstRequires } from './first-require.ts';
import { measureHardening } from './hardening.ts';
import { measurePgSelect } from './pg-select.ts';
import { type Running, startServer, startService, writeConnections } from './processes.ts';
import { json, part, quick, say } from './say.ts';
import { measureThroughput } from './throughput.ts';

const directory = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'));
const tenant = join(directory, 'tenant');
const started: Running[] = [];
const keep = (running: Running) => {
  started.push(running);
  return running;
};

try {
  say(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}`);
  writeConnections(tenant, ranges.pg, counts.pg);
  const upstream = keep(await startServer('upstream.ts'));
  const plain = keep(await startServer('plain-express.ts', `http://127.0.0.1:${upstream.port}`));
  const service = keep(await startService(tenant, upstream.port));

  const results = {
    throughput: await part('throughput', () => measureThroughput(service, plain)),
    hardening: await part('hardening', () => measureHardening(service, directory, upstream.port)),
    cold: await part('cold', () => measureColdCalls(service)),
    memory: await part('memory', () => measureMemory(service)),
    fairness: await part('fairness', async () => {
      for (const running of started.splice(0).reverse()) await running.stop();
      return measureFairness();
    }),
    pgSelect: await part('pg-select', () =>
      measurePgSelect(quick ? { rounds: 3, selects: 500 } : { rounds: 9, selects: 2_000 }),
    ),
    libraries: await part('libraries', measureLibraries),
    authorTests: await part('author-tests', async () => {
      for (const running of started.splice(0).reverse()) await running.stop();
      return measureAuthorTests(join(directory, 'author-tests'));
    }),
  };
  if (json) console.log(JSON.stringify(results, null, 2));
} finally {
  for (const running of started.reverse()) await running.stop();
  rmSync(directory, { recursive: true });
}

async function measureLibraries() {
  const rows = await measureFirstRequires(quick ? 1 : 5);
  say('\n(f) the first require of each library in a warm isolate: time, size of its bundle, heap it takes');
  for (const { library, bytes, firstRequireMs, heapMb } of rows) {
    const figures = [
      `${firstRequireMs.toFixed(1).padStart(6)} ms`,
      `${(bytes / 1024).toFixed(0).padStart(6)} KB`,
      `${heapMb.toFixed(1).padStart(5)} MB`,
    ];
    say(`    ${library.padEnd(52)}${figures.join('  ')}`);
  }
  return rows;
}
