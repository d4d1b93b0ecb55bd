import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CheckError } from './check/check-error.ts';

/** From standard input, without the line's end; a password in the arguments every process of the machine could read. */
export async function readPassword(): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (password !== '') return password;
  throw new CheckError('--password-stdin: standard input is empty');
}

/** Asks at the terminal, where what is typed is not shown. */
export async function askPassword(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CheckError('--password asks at a terminal, and there is none: use --password-stdin');
  }
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    process.stderr.write(question);
    return await lines.question('');
  } finally {
    process.stderr.write('\n');
    lines.close();
  }
}
