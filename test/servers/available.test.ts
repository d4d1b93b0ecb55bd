import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answers, describeWith, type Needed, type Surroundings } from './available.ts';
import { type Listening, listenOnLoopback } from './listen.ts';
import { freePort } from './private-process.ts';

let listening: Listening;
let unused: number;
beforeAll(async () => {
  listening = await listenOnLoopback(createServer());
  unused = await freePort();
});
afterAll(() => listening.close());

/** Runs describeWith and says what it did of it all. */
async function outcome(needed: Needed, isCi: boolean): Promise<string[]> {
  const log: string[] = [];
  const surroundings: Surroundings = {
    describe: Object.assign(
      (name: string, body: () => void) => {
        log.push(`describe ${name}`);
        body();
      },
      { skip: (name: string) => void log.push(`skip ${name}`) },
    ),
    it: (name, body) => {
      expect(body).toThrow('Store is missing in CI');
      log.push(`failing test ${name}`);
    },
    isCi,
    print: (line) => void log.push(`print ${line}`),
  };
  await describeWith('Store', needed, () => void log.push('body'), surroundings);
  return log;
}

it('runs the tests where the service answers, in CI as elsewhere', async () => {
  expect(await answers(listening.port)).toBe(true);
  expect(await outcome(listening.port, false)).toEqual(['describe Store', 'body']);
  expect(await outcome(listening.port, true)).toEqual(['describe Store', 'body']);
  const find = () => '/usr/bin/store';
  for (const needed of [find, { find, install: 'apt-get install store' }])
    expect(await outcome(needed, false)).toEqual(['describe Store', 'body']);
});

it('skips them with a printed reason where it does not', async () => {
  expect(await answers(unused)).toBe(false);
  const reason = `nothing answers on 127.0.0.1:${unused}`;
  expect(await outcome(unused, false)).toEqual([
    `print Tests with Store are skipped: ${reason}`,
    `skip Store (${reason})`,
  ]);
  expect(await outcome(() => undefined, false)).toEqual([
    'print Tests with Store are skipped: it is not installed',
    'skip Store (it is not installed)',
  ]);
  expect(await outcome({ find: () => undefined, install: 'apt-get install store' }, false)).toEqual([
    'print Tests with Store are skipped: it is not installed (apt-get install store)',
    'skip Store (it is not installed (apt-get install store))',
  ]);
});

it('fails in CI where it does not', async () => {
  expect(await outcome(unused, true)).toEqual(['describe Store', 'failing test is there']);
});
