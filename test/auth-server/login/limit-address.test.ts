import { expect, it } from 'vitest';
import { type Stack, startStack } from '../support/start-stack.ts';

it('lets no address begin logins without end; others go on', { timeout: 60_000 }, async () => {
  await using stack: Stack = await startStack();
  const send = (ip: string) =>
    fetch(`${stack.origin}/login/none`, { method: 'POST', headers: { 'x-forwarded-for': ip } });
  const statuses = new Map<number, number>();
  for (let round = 0; round < 21; round += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => send('192.0.2.1')));
    for (const answer of answers) {
      await answer.arrayBuffer();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
  }
  expect(Object.fromEntries(statuses)).toEqual({ 404: 1000, 429: 50 });
  const refused = await send('192.0.2.1');
  expect(await refused.text()).toContain('Wait a minute');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const begun = await fetch(`${stack.origin}/authorize?client_id=app`, {
    headers: { 'x-forwarded-for': '192.0.2.1' },
    redirect: 'manual',
  });
  expect(begun.status).toBe(429);
  expect((await send('192.0.2.2')).status).toBe(404);
});
