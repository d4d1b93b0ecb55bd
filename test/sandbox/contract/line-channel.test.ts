import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { createLineChannel, type Duplex } from '../../../sandbox/contract/line-channel.ts';

function createEnd() {
  const stream = Object.assign(new EventEmitter(), { write() {}, setEncoding() {} });
  const messages: unknown[] = [];
  const faults: unknown[] = [];
  createLineChannel(stream as Duplex, {
    parse: (value) => value,
    onMessage: (message) => messages.push(message),
    onBroken: (error) => faults.push(error),
    soon: setImmediate,
  });
  return { push: (text: string) => stream.emit('data', text), messages, faults };
}

it('puts lines together that come in pieces, several in a piece', () => {
  const end = createEnd();
  for (const text of ['{"a"', ':1}\n[2]\n"th', 'r', 'ee"', '\n', '4\n']) end.push(text);
  expect(end.messages).toEqual([{ a: 1 }, [2], 'three', 4]);
  expect(end.faults).toEqual([]);
});

it('reads nothing after a line that is no message', () => {
  const end = createEnd();
  end.push('1\nnonsense\n2\n');
  end.push('3\n');
  expect(end.messages).toEqual([1]);
  expect(end.faults).toHaveLength(1);
});

it('reads nothing after a line that is too long', () => {
  const end = createEnd();
  const piece = 'x'.repeat(1024 * 1024);
  for (let count = 0; count < 70; count++) end.push(piece);
  end.push('\n1\n');
  expect(end.faults).toEqual([expect.any(RangeError)]);
  expect(end.messages).toEqual([]);
});

it('takes time in proportion to the length of a line', () => {
  const timeOf = (pieces: number): number => {
    const end = createEnd();
    const started = performance.now();
    end.push('"');
    for (let count = 0; count < pieces; count++) end.push('x'.repeat(1024));
    end.push('"\n');
    expect(end.messages).toHaveLength(1);
    return performance.now() - started;
  };
  timeOf(400);
  // Searched again from its beginning at each piece, a line of 3 MB takes seconds.
  expect(timeOf(3_200)).toBeLessThan(30 * Math.max(10, timeOf(400)));
});
