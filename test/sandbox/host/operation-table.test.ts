import { describe, expect, it } from 'vitest';
import type { HostModule, KeptOperation, OperationScope } from '../../../sandbox/host/operations.ts';
import { recordedTable } from './recorded-table.ts';

const quiet: KeptOperation = {
  suspend() {},
  resume() {},
  end() {},
  mayCall: () => true,
  goesOnUntil: () => 0,
  throwsForItself: () => true,
};

/** A table with operations that the test steers: `request` and, staying with the context, `kept` and `socket`. */
function steered(kept: Partial<KeptOperation> = {}) {
  const scopes: OperationScope[] = [];
  const calls: string[] = [];
  const never = (scope: OperationScope) => {
    scopes.push(scope);
    return new Promise<never>(() => {});
  };
  const keep = (scope: OperationScope) => {
    const steps = {
      suspend: () => calls.push('suspend'),
      resume: () => calls.push('resume'),
      end: () => calls.push('end'),
    };
    scope.keep({ ...quiet, ...steps, ...kept });
    return never(scope);
  };
  const module: HostModule = {
    async: {
      request: async (_params, _bytes, scope) => never(scope),
      kept: async (_params, _bytes, scope) => keep(scope),
      socket: async (_params, _bytes, scope) => keep(scope),
      answers: async (params) => ({ value: params }),
      fails: () => {
        throw Object.assign(new Error('no'), { code: 'ENO', address: '10.1.2.3', secret: 'x' });
      },
      listens: async (_params, _bytes, scope) => {
        scope.onMessage((type, value) => {
          if (type === 'throw') throw new RangeError('not so');
          scope.emit('heard', value);
        });
        return never(scope);
      },
    },
    sync: {
      double: (params) => ({ value: Number(params) * 2 }),
      refuse: () => {
        throw new TypeError('no');
      },
    },
  };
  return { ...recordedTable([module]), scopes, calls };
}

describe('an operation', () => {
  it('is refused more bytes than the host holds for a context, until those before it have ended', () => {
    const { table, start, last } = steered();
    const half = new Uint8Array(33 * 1024 * 1024);
    const first = start('request', null, half);
    const message = 'More than 64 MB were given to what is under way at once';
    expect(last(start('request', null, half))).toMatchObject({
      type: 'failed',
      value: { message, code: 'ERR_TOO_MANY_OPERATIONS' },
    });
    table.cancel(first);
    expect(last(start('request', null, half))).toBeUndefined();
  });

  it('answers, or fails, once', async () => {
    const { start, of } = steered();
    const [done, failed, unknown] = [
      start('answers', { n: 1 }),
      start('fails', null),
      start('nothing', null),
    ];
    await expect.poll(() => [of(done).length, of(failed).length]).toEqual([1, 1]);
    expect(of(done)).toMatchObject([{ type: 'done', value: { n: 1 } }]);
    expect(of(failed)).toMatchObject([
      { type: 'failed', value: { message: 'no', code: 'ENO', props: { address: '10.1.2.3' } } },
    ]);
    expect(JSON.stringify(of(failed))).not.toContain('secret');
    expect(of(unknown)).toMatchObject([
      { type: 'failed', value: { message: 'There is no operation nothing' } },
    ]);
  });

  it('of params that are no JSON fails', () => {
    const { table, of } = steered();
    table.start(7, 'request', '{', undefined);
    expect(of(7)).toMatchObject([{ type: 'failed', value: { name: 'SyntaxError' } }]);
    expect(table.mayCall()).toBe(false);
  });

  it('whose message is got wrong fails and is ended', () => {
    const { start, send, of, table, typesOf } = steered();
    const id = start('listens', null);
    send(id, 'say', 5);
    send(id, 'throw');
    send(id, 'say', 6);
    expect(typesOf(id)).toEqual(['heard', 'failed']);
    expect(of(id)[1]?.value).toMatchObject({ name: 'RangeError', message: 'not so' });
    expect(table.mayCall()).toBe(false);
  });

  it('is not begun a second time under its number', () => {
    const { table, start, scopes } = steered();
    const id = start('request', null);
    expect(() => table.start(id, 'request', 'null', undefined)).toThrow('under way already');
    expect(scopes).toHaveLength(1);
    table.close();
    expect(scopes[0]?.signal.aborted).toBe(true);
  });

  it('that is cancelled says nothing more', () => {
    const { table, start, scopes, of } = steered();
    const id = start('request', null);
    table.cancel(id);
    scopes[0]?.emit('late');
    table.cancel(id);
    expect(scopes[0]?.signal.aborted).toBe(true);
    expect(of(id)).toEqual([]);
  });

  it('that is called synchronously answers or says why not', () => {
    const { table } = steered();
    const call = (op: string, json: string) => JSON.parse(table.call(op, json, undefined)[0]);
    expect(call('double', '2')).toEqual({ ok: true, value: 4 });
    expect(call('refuse', 'null')).toMatchObject({ ok: false, error: { name: 'TypeError', message: 'no' } });
    expect(call('nothing', 'null')).toMatchObject({ ok: false });
    expect(call('double', '{')).toMatchObject({ ok: false });
    expect(call('flush', '')).toEqual({ ok: true });
  });
});

describe('limits', () => {
  it('1,000 operations at once', () => {
    const { start, last } = steered();
    for (let count = 0; count < 1_000; count++) start('request', null);
    expect(last(start('request', null))?.value).toMatchObject({ code: 'ERR_TOO_MANY_OPERATIONS' });
  });

  it('50 sockets at once, and 250 in one execution', () => {
    const { start, last, table, attach } = steered();
    const open = Array.from({ length: 50 }, () => start('socket', null));
    expect(last(start('socket', null))?.value).toMatchObject({ message: 'More than 50 sockets at once' });
    for (const id of open) table.cancel(id);
    for (let count = 51; count < 250; count++) table.cancel(start('socket', null));
    expect(last(start('socket', null))?.value).toMatchObject({
      code: 'ERR_TOO_MANY_OPERATIONS',
      message: 'More than 250 sockets in one execution',
    });
    table.suspend();
    attach();
    expect(last(start('socket', null))).toBeUndefined();
  });

  it('64 MB over the sockets of one execution; what comes while it is frozen is not counted to it', () => {
    const { start, scopes, table, attach } = steered();
    start('socket', null);
    start('socket', null);
    const MB = 1024 * 1024;
    expect(scopes[0]?.spendBytes(40 * MB)).toBe(true);
    expect(scopes[1]?.spendBytes(30 * MB)).toBe(false);
    table.suspend();
    expect(scopes[0]?.spendBytes(MB)).toBe(true);
    attach();
    expect(scopes[0]?.spendBytes(64 * MB)).toBe(true);
  });
});

describe('between two executions', () => {
  it('what is kept is suspended and goes on; what is not is cancelled', () => {
    const { start, table, scopes, calls, attach } = steered();
    start('kept', null);
    start('request', null);
    expect(table.suspend()).toBe(true);
    expect(calls).toEqual(['suspend']);
    expect(scopes[1]?.signal.aborted).toBe(true);
    expect(table.holdsAny()).toBe(true);
    attach();
    expect(calls).toEqual(['suspend', 'resume']);
  });

  it('events are held, and sent before anything goes on, as late ones', async () => {
    const { start, table, scopes, events, calls, attach, of } = steered({
      resume: () => calls.push(`resume after ${events.length}`),
    });
    const id = start('kept', null);
    table.suspend();
    scopes[0]?.emit('data', undefined, Buffer.from('a'));
    scopes[0]?.emit('data', undefined, Buffer.from('b'));
    scopes[0]?.emit('end');
    expect(events).toEqual([]);
    attach();
    expect(of(id)).toMatchObject([
      { type: 'data', bytes: Buffer.from('ab'), late: true },
      { type: 'end', late: true },
    ]);
    expect(calls).toEqual(['suspend', 'resume after 2']);
  });

  it('events of what an earlier execution left are late when they throw for themselves', () => {
    let isForItself = true;
    const { start, table, scopes, attach, of } = steered({ throwsForItself: () => isForItself });
    const id = start('kept', null);
    scopes[0]?.emit('own');
    table.suspend();
    attach();
    scopes[0]?.emit('left');
    isForItself = false;
    scopes[0]?.emit('used');
    expect(of(id).map(({ type, late }) => [type, late])).toEqual([
      ['own', false],
      ['left', true],
      ['used', false],
    ]);
  });

  it('what has ended meanwhile is gone', async () => {
    const module: HostModule = {
      async: {
        kept: (_params, _bytes, scope) => {
          scope.keep(quiet);
          return new Promise((resolve) => setTimeout(resolve, 5, {}));
        },
      },
    };
    const { start, table, attach, typesOf } = recordedTable([module]);
    const id = start('kept', null);
    table.suspend();
    await expect.poll(() => table.holdsAny()).toBe(false);
    attach();
    expect(typesOf(id)).toEqual(['done']);
  });

  it.each([
    [12, 'socket', true],
    [13, 'socket', false],
    [100, 'kept', true],
    [101, 'kept', false],
  ])('%i of the kind %s may be left: %s', (count, op, isKept) => {
    const { start, table, calls } = steered();
    for (let index = 0; index < count; index++) start(op, null);
    expect(table.suspend()).toBe(isKept);
    table.close();
    expect(calls.filter((call) => call === 'end')).toHaveLength(count);
  });

  it('a closed table has nothing and sends nothing', () => {
    const { start, table, scopes, events, calls } = steered();
    start('kept', null);
    table.suspend();
    scopes[0]?.emit('held');
    table.close();
    scopes[0]?.emit('late');
    expect(table.holdsAny()).toBe(false);
    expect(calls).toEqual(['suspend', 'end']);
    expect(events).toEqual([]);
  });
});

describe('rest', () => {
  it('is there when nothing is under way', () => {
    const { table } = steered();
    expect([table.mayCall(), table.restsAt(100)]).toEqual([false, 0]);
  });

  it('is not there while a request is under way', () => {
    const { table, start } = steered();
    const id = start('request', null);
    expect([table.mayCall(), table.restsAt(100)]).toEqual([true, Number.POSITIVE_INFINITY]);
    table.cancel(id);
    expect([table.mayCall(), table.restsAt(100)]).toEqual([false, 0]);
  });

  it('is what those that are kept say', () => {
    let mayCall = false;
    let until = 50;
    const { table, start } = steered({ mayCall: () => mayCall, goesOnUntil: (end) => Math.min(until, end) });
    start('kept', null);
    start('kept', null);
    expect([table.mayCall(), table.restsAt(100)]).toEqual([false, 50]);
    mayCall = true;
    until = 500;
    expect([table.mayCall(), table.restsAt(100)]).toEqual([true, 100]);
  });
});
