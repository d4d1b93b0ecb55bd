import { expect, it } from 'vitest';
import { createBursts, GENERATION_MS } from '../../src/pool/bursts.ts';

function open() {
  let time = 100_000;
  const bursts = createBursts({ least: 2, most: 64, now: () => time });
  const pass = (ms: number) => {
    time += ms;
  };
  return {
    bursts,
    pass,
    begin(connection: string, times: number) {
      for (let n = 0; n < times; n++) bursts.begin(connection);
    },
    crowd() {
      for (let n = 0; n < 100; n++) {
        bursts.onTheWay(20);
        pass(10);
      }
    },
    /** The way is free, and `connection` asks for more than it may have all the time. */
    clear(connection: string) {
      for (let n = 0; n < 100; n++) {
        bursts.begin('other');
        while (!bursts.full(connection) && n < 99) bursts.begin(connection);
        bursts.onTheWay(1);
        pass(60);
      }
    },
  };
}

it.each([
  ['from the first', () => {}],
  ['when it is free again', ({ crowd }: ReturnType<typeof open>) => crowd()],
])('lets more begin while the way is free and somebody wants more, %s', (_, before) => {
  const opened = open();
  const { bursts, begin, clear } = opened;
  before(opened);
  clear('acme');
  begin('other', 1);
  begin('acme', 60);
  expect(bursts.full('acme')).toBe(false);
});

it('meets a flood that comes all at once with a low bound', () => {
  const { bursts, begin, pass, clear } = open();
  begin('other', 1);
  begin('acme', 4);
  expect(bursts.full('acme')).toBe(true);
  clear('acme');
  for (let n = 0; n < 100; n++) {
    bursts.onTheWay(1);
    pass(60);
  }
  begin('other', 1);
  begin('acme', 4);
  expect(bursts.full('acme')).toBe(true);
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

it('does not count what only waits for its upstream', () => {
  const { bursts, pass, begin, crowd } = open();
  crowd();
  begin('other', 1);
  begin('acme', 2);
  expect(bursts.full('acme')).toBe(true);
  pass(2 * GENERATION_MS);
  expect(bursts.full('acme')).toBe(false);
});

it('counts what began of late however soon it ended, and forgets whom it has not seen for a while', () => {
  const { bursts, pass, begin, crowd } = open();
  crowd();
  for (let n = 0; n < 2_000; n++) begin(`connection-${n}`, 1);
  begin('acme', 2);
  expect(bursts.full('acme')).toBe(true);
  pass(4 * GENERATION_MS);
  for (let n = 0; n < 2_000; n++) begin(`connection-${n}`, 1);
  expect(bursts.full('acme')).toBe(false);
  expect(bursts.full('connection-1999')).toBe(false);
});
