import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readableLine } from '../src/create-log.ts';

const module = fileURLToPath(new URL('../src/create-log.ts', import.meta.url));
const line = { level: 40, time: 0, msg: 'a\u001b[2Jb', script: 'x\u0007' };

/** The line as another process writes it, whose colours its environment settles. */
function written(env: Record<string, string>): string {
  const program = `import { readableLine } from ${JSON.stringify(module)};
    process.stdout.write(readableLine(${JSON.stringify(JSON.stringify(line))}));`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', env })
    .stdout;
}

test('a line for people has the time, the level, the message and the fields', () => {
  const json = JSON.stringify({ level: 30, time: 0, msg: 'request', status: 200, detail: 'two words' });
  expect(readableLine(json)).toContain('00:00:00.000');
  expect(readableLine(json)).toContain('request status=200 detail="two words"');
});

test('control characters of what is logged are not passed on, those of the colours are', () => {
  expect(written({ FORCE_COLOR: '1' })).toBe('00:00:00.000 \u001b[33mwarn \u001b[39m a?[2Jb script=x?');
});

test('NO_COLOR, and an output that is no terminal, leave the colours out', () => {
  expect(written({ NO_COLOR: '1' })).toBe('00:00:00.000 warn  a?[2Jb script=x?');
  expect(written({})).toBe('00:00:00.000 warn  a?[2Jb script=x?');
});

test('of an error there is the type and the places, and a message only of the operating system’s', () => {
  const program = `import { createLog } from ${JSON.stringify(module)};
    const log = createLog({ logLevel: 'info', logFormat: 'json' });
    const cause = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), { code: 'ECONNREFUSED' });
    log.error({ err: Object.assign(new TypeError('hunter22', { cause }), { body: 'hunter22' }) }, 'failed');`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect(stdout).not.toContain('hunter22');
  expect(JSON.parse(stdout).err).toMatchObject({
    type: 'TypeError',
    stack: expect.stringMatching(/^TypeError\n {4}at /),
    cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 10.1.2.3:5432' },
  });
});
