#!/usr/bin/env node
// biome-ignore-all lint/style/useNodejsImportProtocol: Node before 12.20 does not know it
// Plain JavaScript that any Node from 12 on can parse: with an older Node than the service needs it hands over to
// the Node that is pinned in the project's own dependencies (the npm package `node`).
import { spawn } from 'child_process';
import fs from 'fs';
import module from 'module';
import { dirname, join } from 'path';
import { fileURLToPath, pathToFileURL } from 'url';

const needed = 24;
const here = dirname(fileURLToPath(import.meta.url));

function findPinnedNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (let directory = here; ; directory = dirname(directory)) {
    const candidate = join(directory, 'node_modules', 'node', 'bin', name);
    if (fs.existsSync(candidate)) return candidate;
    if (dirname(directory) === directory) return undefined;
  }
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url)].concat(process.argv.slice(2)), {
    stdio: 'inherit',
    env: Object.assign({}, process.env, { DRAWBRIDGE_HANDED_OVER: '1' }),
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  // npm's shell dies of a SIGTERM without passing it on; then this process has another parent.
  const parent = process.ppid;
  if (process.env.npm_command !== undefined) {
    setInterval(() => process.ppid === parent || forward('SIGTERM'), 250).unref();
  }
  child.on('error', (error) => {
    console.error(`drawbridge: ${node} cannot be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    for (const each of signals) process.removeListener(each, forward);
    process.kill(process.pid, signal);
  });
}

// Who reads the output may have heard enough, as `head` has: that ends the command, and is no error. A service is to be
// started again.
function endWithReader() {
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(process.argv[2] === 'serve' ? 1 : undefined);
  });
}

// The next start takes two thirds of the time or less. Where nothing may be written there, nothing is; on a full disk Node
// would leave an empty file for each of hundreds, at each start.
function keepCompiled() {
  const root = join(here, '..');
  try {
    const { bavail, bsize, ffree, files } = fs.statfsSync(root);
    if (bavail * bsize < 100 * 1024 * 1024 || (files > 0 && ffree < 10000)) return;
  } catch (_error) {
    return;
  }
  module.enableCompileCache(join(root, 'dist', 'compile-cache'));
}

function start() {
  endWithReader();
  delete process.env.DRAWBRIDGE_HANDED_OVER;
  keepCompiled();
  // Node does not run TypeScript below node_modules, so a published package brings JavaScript along.
  const published = join(here, '..', 'dist', 'src', 'main.js');
  const isInstalled = here.split(/[\\/]/).includes('node_modules');
  const main = isInstalled && fs.existsSync(published) ? published : join(here, 'main.ts');
  import(pathToFileURL(main).href).then(
    (loaded) => loaded.main(process.argv.slice(2)),
    (error) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}

const isOld = Number(process.versions.node.split('.')[0]) < needed;
const pinned = isOld && !process.env.DRAWBRIDGE_HANDED_OVER ? findPinnedNode() : undefined;
if (!isOld) start();
else if (pinned) handOver(pinned);
else {
  console.error(
    `drawbridge needs Node ${needed} or newer; this is ${process.version}, and there is no Node of the project's own.\n` +
      'Run "npm ci" in the project, which installs one, or install a newer Node: https://nodejs.org/en/download',
  );
  process.exitCode = 1;
}
