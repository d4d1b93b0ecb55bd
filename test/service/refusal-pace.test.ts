import { hash } from 'bcrypt';
import { expect, test } from 'vitest';
import { connectionFiles, password, type Reply, startService } from './running-service.ts';

const median = (numbers: number[]) => numbers.toSorted((one, other) => one - other)[numbers.length >> 1] ?? 0;

/** What the script itself took, as the answer's Server-Timing has it. */
const scriptMs = ({ headers }: Reply) =>
  Number(/script;dur=([\d.]+)/.exec(headers.get('server-timing') ?? '')?.[1]);

const login = `const bcrypt = require('bcrypt');
function login(identifier, password, context, callback) {
  if (identifier.startsWith('nobody')) return callback(new WrongUsernameOrPasswordError(identifier));
  bcrypt.compare(password, configuration.HASH, (error, same) => {
    if (error) return callback(error);
    if (!same) return callback(new WrongUsernameOrPasswordError(identifier));
    callback(null, { user_id: '1', email: 'jane@example.com' });
  });
}`;

test('an unknown user is refused as late as a wrong password, and nobody who may log in waits for it', async () => {
  const HASH = await hash(password, 10);
  await using service = await startService({
    files: connectionFiles('acme', { login }, { configuration: { HASH } }),
    secrets: [HASH],
  });
  const took: Record<string, number[]> = { unknown: [], wrong: [], right: [] };
  const inScript: Record<string, number[]> = { unknown: [], wrong: [], right: [] };
  for (let round = 0; round < 16; round++) {
    const logins = {
      right: { identifier: 'jane@example.com', password },
      wrong: { identifier: `jane+${round}@example.com`, password: 'wrong' },
      unknown: { identifier: `nobody+${round}@example.com`, password: 'wrong' },
    };
    for (const [kind, body] of Object.entries(logins)) {
      const startedAt = performance.now();
      const reply = await service.run('acme', 'login', body);
      expect(reply.status).toBe(kind === 'right' ? 200 : 401);
      // The first rounds start the sandbox and teach the service what is usual.
      if (round < 5) continue;
      took[kind]?.push(performance.now() - startedAt);
      inScript[kind]?.push(scriptMs(reply));
    }
  }
  const [unknown, wrong, right] = ['unknown', 'wrong', 'right'].map((kind) => median(took[kind]!));
  // The script gives it away.
  expect(median(inScript.unknown!)).toBeLessThan(median(inScript.wrong!) / 4);
  expect(Math.abs(unknown! - wrong!)).toBeLessThan(0.2 * Math.max(unknown!, wrong!));
  const added = took.right!.map((ms, index) => ms - inScript.right![index]!);
  expect(median(added)).toBeLessThan(right! / 2);
  const summary = { unknown, wrong, right, unknownInScript: median(inScript.unknown!) };
  console.log(
    Object.entries(summary)
      .map(([kind, ms]) => `${kind} ${ms?.toFixed(1)} ms`)
      .join(', '),
  );
});

test('guesses at unknown users do not teach it that refusals are quick', async () => {
  const HASH = await hash(password, 10);
  await using service = await startService({
    files: connectionFiles('acme', { login }, { configuration: { HASH } }),
    secrets: [HASH],
  });
  for (let times = 0; times < 3; times++) {
    await service.run('acme', 'login', { identifier: 'jane@example.com', password });
  }
  const guess = (n: number) => service.run('acme', 'login', { identifier: `nobody${n}`, password: 'wrong' });
  await Promise.all(Array.from({ length: 100 }, (_, n) => guess(n)));
  const startedAt = performance.now();
  const reply = await guess(100);
  expect(reply.status).toBe(401);
  expect(performance.now() - startedAt).toBeGreaterThan(3 * scriptMs(reply));
});
