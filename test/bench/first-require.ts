import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildGuest } from '../../sandbox/build/build-guest.ts';
import { Manifest, manifestName, snapshotName } from '../../sandbox/build/read-guest-build.ts';
import { v8Flags } from '../../sandbox/contract/v8-flags.ts';
import {
  createIsolate,
  type GuestContext,
  type GuestIsolate,
  readSnapshot,
} from '../../sandbox/host/isolate.ts';
import { createLibraries } from '../../sandbox/host/libraries.ts';
import { cryptoModule } from '../../sandbox/host/modules/crypto.ts';
import { zlibModule } from '../../sandbox/host/modules/zlib.ts';
import { collectOperations } from '../../sandbox/host/operation-table.ts';
import { median } from './load.ts';

export interface FirstRequire {
  /** `name@version`. */
  library: string;
  /** Of its bundle, with those of the libraries it needs. */
  bytes: number;
  /** From its compilation to the end of its evaluation, in an isolate that has run a script; median. */
  firstRequireMs: number;
  /** What the isolate's heap has grown by, code and source included; median. */
  heapMb: number;
}

/**
 * What the first `require` of each library costs a warm isolate of a sandbox process that has loaded the library
 * before, for another connection: V8's code cache is there then, as it is for all calls but the first of a process.
 */
export async function measureFirstRequires(rounds = 5): Promise<FirstRequire[]> {
  const { directory } = await buildGuest();
  const flags = [...v8Flags, fileURLToPath(import.meta.url), directory, String(rounds)];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { maxBuffer: 1e8 });
  return JSON.parse(stdout) as FirstRequire[];
}

/** What libraries ask of the host while they load. */
const operations = collectOperations([cryptoModule, zlibModule]);

interface Round {
  ms: number;
  heapBytes: number;
}

async function measureAll(directory: string, rounds: number): Promise<FirstRequire[]> {
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(directory, manifestName), 'utf8')));
  const snapshot = readSnapshot(readFileSync(join(directory, snapshotName)));
  const libraries = createLibraries(directory, manifest);
  const rows: FirstRequire[] = [];
  for (const entry of manifest.modules) {
    if (entry.kind !== 'library') continue;
    const isSubpath = entry.name.replace(/^@[^/]*\//, '').includes('/');
    const request = isSubpath ? entry.name : `${entry.name}@${entry.version}`;
    // A second instance for older pins is the same package again.
    if (rows.some(({ library }) => library === request)) continue;
    const sources = libraries.namedBy([request]);
    const measured: Round[] = [];
    // The first round leaves the code cache behind and does not count.
    for (let round = 0; round <= rounds; round++) measured.push(await measureOne(request, sources, snapshot));
    measured.shift();
    rows.push({
      library: request,
      bytes: sources.reduce((sum, { code }) => sum + code.length, 0),
      firstRequireMs: median(measured.map(({ ms }) => ms)),
      heapMb: median(measured.map(({ heapBytes }) => heapBytes)) / 1024 / 1024,
    });
  }
  return rows;
}

type Sources = ReturnType<ReturnType<typeof createLibraries>['namedBy']>;

async function measureOne(
  request: string,
  sources: Sources,
  snapshot: ReturnType<typeof readSnapshot>,
): Promise<Round> {
  const isolate = createIsolate({ memoryLimitMb: 128, snapshot, onCatastrophe() {} });
  try {
    const context = await isolate.createContext();
    const info = { connection: 'bench', configuration: {}, versions: process.versions };
    await context.enter('configure', 0, JSON.stringify(info), { timeoutMs: 5_000 });
    await runScript(isolate, context, 'warm', "require('axios')");
    const before = await isolate.usedBytes();
    const begun = performance.now();
    const compiled = await Promise.all(
      sources.map(({ id, code, codeCache }) => isolate.compile({ code, file: `lib/${id}.js`, codeCache })),
    );
    await context.enter('expect', 0, '', { timeoutMs: 5_000 });
    for (const source of compiled) await context.run(source);
    await runScript(isolate, context, 'measured', `require(${JSON.stringify(request)})`);
    return { ms: performance.now() - begun, heapBytes: (await isolate.usedBytes()) - before };
  } finally {
    isolate.dispose();
  }
}

/** Resolves when the script has called back; rejects with what it failed of. */
async function runScript(isolate: GuestIsolate, context: GuestContext, action: string, statement: string) {
  const code = `__drawbridge_script('${action}', (exports, require) => (callback) => { ${statement}; callback(null) });0`;
  const script = await isolate.compile({ code, file: `${action}.js` });
  await context.enter('expect', 0, '', { timeoutMs: 5_000 });
  await context.run(script);
  const outcome = new Promise<void>((resolve, reject) =>
    context.listen({
      onPost(kind, _id, json) {
        if (kind === 'returned') resolve();
        else if (kind !== 'console') reject(new Error(`${statement}: ${kind} ${json}`));
      },
      onCall(name, json, bytes) {
        const operation = operations.sync.get(name);
        if (!operation) throw new Error(`${statement} asked the host for ${name}`);
        const { value, payload } = operation(JSON.parse(json), bytes);
        const answer = JSON.stringify({ ok: true, value });
        return payload === undefined ? [answer] : [answer, payload];
      },
    }),
  );
  const request = { action, file: `${action}.js`, args: [], maxResultBytes: 1e6 };
  await context.enter('run', 1, JSON.stringify(request), { timeoutMs: 10_000 });
  return outcome;
}

if (import.meta.main) {
  const [, , directory = '', rounds = '5'] = process.argv;
  process.stdout.write(JSON.stringify(await measureAll(directory, Number(rounds))));
}
