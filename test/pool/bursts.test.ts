import { expect, it } from 'vitest';
import { type Begun, createBursts, GENERATION_MS } from '../../src/pool/bursts.ts';

function open() {
  let time = 100_000;
  const bursts = createBursts({ least: 2, most: 64, now: () => time });
  const pass = (ms: number) => {
    time += ms;
  };
  return {
    bursts,
    pass,
    begin: (connection: string, times: number): Begun[] =>
      Array.from({ length: times }, () => bursts.begin(connection)),
    crowd() {
      for (let n = 0; n < 100; n++) {
        bursts.onTheWay(20);
        pass(10);
      }
    },
  };
}

it('bounds nobody while the way is free', () => {
  const { bursts, begin } = open();
  begin('other', 1);
  begin('acme', 60);
  expect(bursts.full('acme')).toBe(false);
});

it('bounds what a connection begins at a time while it is crowded and others are served', () => {
  const { bursts, begin, crowd } = open();
  crowd();
  begin('other', 1);
  begin('acme', 1);
  expect(bursts.full('acme')).toBe(false);
  begin('acme', 1);
  expect(bursts.full('acme')).toBe(true);
  expect(bursts.full('other')).toBe(false);
});

it('leaves one that is served alone all that there is', () => {
  const { bursts, pass, begin, crowd } = open();
  begin('other', 1);
  pass(6_000);
  crowd();
  begin('acme', 10);
  expect(bursts.full('acme')).toBe(false);
});

it('counts neither what has ended nor what only waits for its upstream', () => {
  const { bursts, pass, begin, crowd } = open();
  crowd();
  begin('other', 1);
  const [begun] = begin('acme', 2);
  expect(bursts.full('acme')).toBe(true);
  bursts.end('acme', begun as Begun);
  expect(bursts.full('acme')).toBe(false);
  const hanging = begin('acme', 1);
  pass(2 * GENERATION_MS);
  expect(bursts.full('acme')).toBe(false);
  bursts.end('acme', hanging[0] as Begun);
  begin('acme', 2);
  expect(bursts.full('acme')).toBe(true);
});

it('lets more begin when the way is free again', () => {
  const { bursts, pass, begin, crowd } = open();
  crowd();
  for (let n = 0; n < 100; n++) {
    bursts.onTheWay(1);
    pass(60);
  }
  begin('other', 1);
  begin('acme', 60);
  expect(bursts.full('acme')).toBe(false);
});
