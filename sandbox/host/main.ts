/**
 * A sandbox process. It speaks with its parent over descriptor 3, runs executions in isolates, and has nothing else
 * to do; the parent ends it with SIGKILL, and it ends itself when the parent is gone.
 */
import { Socket } from 'node:net';
import { harmlessError } from '../contract/harmless-error.ts';
import { createLineChannel } from '../contract/line-channel.ts';
import { type FromHost, ToHost } from '../contract/messages.ts';
import { giveUpPowers } from './give-up-powers.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const PARENT_FD = 3;

const inheritedFds = (process.argv[2] ?? '').split(',').filter((fd) => fd !== '');
giveUpPowers(inheritedFds.map(Number));

// Node would print the message and all properties, which may hold what a script was given; the parent logs what is said here.
process.on('uncaughtException', (error) => {
  process.stderr.write(`${harmlessError(error).stack}\n`, () => process.kill(process.pid, 'SIGKILL'));
});

const stream = new Socket({ fd: PARENT_FD, readable: true, writable: true });
stream.on('close', () => process.kill(process.pid, 'SIGKILL'));
stream.on('error', () => process.kill(process.pid, 'SIGKILL'));

let sandbox: Sandbox | undefined;

const channel = createLineChannel<ToHost, FromHost>(stream, {
  parse: (value) => ToHost.parse(value),
  onMessage: receive,
  onBroken: () => process.kill(process.pid, 'SIGKILL'),
  soon: setImmediate,
});

function receive(message: ToHost): void {
  if (message.type === 'start') {
    sandbox = createSandbox(message, channel.send);
    channel.send({ type: 'ready', pid: process.pid });
    return;
  }
  sandbox?.receive(message);
}
