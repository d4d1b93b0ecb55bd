import { expect, it } from 'vitest';
import { describeWith } from '../../servers/available.ts';
import { useGuest } from './use-guest.ts';

const guest = useGuest();

it('the clients of Redis load', async () => {
  const answer = await guest(({ require }) => [
    typeof require('redis').RedisClient,
    typeof require('redis@4').createClient({ url: 'redis://127.0.0.1:6379' }).connect,
    new (require('ioredis'))({ lazyConnect: true }).status,
  ]);
  expect(answer).toEqual(['function', 'function', 'wait']);
});

await describeWith('Redis', 6379, () => {
  const configuration = { KEY: `drawbridge-test-${process.pid}` };

  it('redis 3 answers callbacks, redis 6 and ioredis promises', async () => {
    const answer = await guest(async ({ require, configuration: { KEY } }) => {
      const old = require('redis@2.8.0').createClient({ host: '127.0.0.1', port: 6379 });
      const called = (command: string, ...args: unknown[]) =>
        new Promise((resolve, reject) =>
          old[command](...args, (error: Error | null, reply: unknown) =>
            error ? reject(error) : resolve(reply),
          ),
        );
      const answers: unknown[] = [await called('set', KEY, 'Jané', 'EX', 60), await called('get', KEY)];
      answers.push(await called('hset', KEY, 'a', 'b').catch((error: { code: string }) => error.code));
      old.quit();
      const client = require('redis@6').createClient({ url: 'redis://127.0.0.1:6379' });
      await client.connect();
      answers.push(await client.get(KEY), await client.ttl(KEY).then((left: number) => left > 0));
      await client.close();
      const Redis = require('ioredis');
      const third = new Redis({ host: '127.0.0.1' });
      answers.push(await third.get(KEY), await third.pipeline().del(KEY).get(KEY).exec());
      third.disconnect();
      return answers;
    }, configuration);
    expect(answer).toEqual([
      'OK',
      'Jané',
      'WRONGTYPE',
      'Jané',
      true,
      'Jané',
      [
        [null, 1],
        [null, null],
      ],
    ]);
  });
});

it('a server that is not there is told as it is under Node', async () => {
  const answer = await guest(async ({ require }) => {
    const told = (client: { on(event: string, listener: (error: Error & { code: string }) => void): void }) =>
      new Promise((resolve) => client.on('error', ({ code, message }) => resolve([code, message])));
    const old = require('redis').createClient({ host: '127.0.0.1', port: 1 });
    const third = new (require('ioredis'))({ host: '127.0.0.1', port: 1, retryStrategy: () => null });
    const answers = await Promise.all([told(old), told(third)]);
    old.end(false);
    const client = require('redis@6').createClient({
      socket: { port: 1, host: '127.0.0.1', reconnectStrategy: false },
    });
    client.on('error', () => {});
    const rejected = await client.connect().catch((error: { code: string }) => error.code);
    return [...answers, rejected];
  });
  expect(answer).toEqual([
    ['ECONNREFUSED', 'Redis connection to 127.0.0.1:1 failed - connect ECONNREFUSED 127.0.0.1:1'],
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'],
    'ECONNREFUSED',
  ]);
});
