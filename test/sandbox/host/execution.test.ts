import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../sandbox/contract/outcome.ts';
import { type ContextState, runExecution } from '../../../sandbox/host/execution.ts';
import type { ContextListener, EntryEnd, GuestContext } from '../../../sandbox/host/isolate.ts';
import { timersModule } from '../../../sandbox/host/modules/timers.ts';
import { collectOperations, createOperationTable } from '../../../sandbox/host/operation-table.ts';

/** What a context posts to the host, from a context of the test's own: that of a script that has the bridge. */

const NUMBER = 7;

function executionOfTest({ wallMs = 1_000 } = {}) {
  const outcomes: Outcome[] = [];
  const events: string[] = [];
  const entries: { kind: string; id: number; end(how: EntryEnd): void }[] = [];
  let listener: ContextListener | undefined;
  const guest: GuestContext = {
    listen(next) {
      listener = next;
    },
    enter: (kind, id) =>
      new Promise((resolve) => {
        entries.push({ kind, id, end: resolve });
      }),
    run: async () => ({ kind: 'ok' }),
    release() {},
  };
  const operations = createOperationTable(collectOperations([timersModule]));
  const execution = runExecution(
    { guest, operations },
    {
      id: 'exec_1',
      number: NUMBER,
      action: 'get_user',
      file: 'acme/get_user.js',
      args: '[]',
      wallMs,
      cpuMs: 1_000,
      memoryMb: 64,
    },
    {
      chargeCpu: () => 0,
      onOutcome: (outcome) => outcomes.push(outcome),
      onEvent: (...event) => events.push(event.join(' ')),
      onStuck() {},
    },
  );
  // As the bridge hands it over: nobody has looked at the types.
  const post = (...args: unknown[]) => (listener!.onPost as (...all: unknown[]) => void)(...args);
  const returns = (id: number, result: string) => post('returned', id, JSON.stringify({ result, notes: [] }));
  return { outcomes, events, entries, operations, post, returns, execution, call: () => listener!.onCall };
}

const broken = { kind: 'uncaught', failure: { message: 'The script broke its own runtime' } };
const endOfAll = (entries: { end(how: EntryEnd): void }[]) => {
  for (const { end } of entries) end({ kind: 'ok' });
};

it('calls it a timeout when it comes to rest after the deadline, though the timer has not gone off yet', async () => {
  const { outcomes, execution, entries } = executionOfTest({ wallMs: 5 });
  for (const began = performance.now(); performance.now() < began + 10; );
  endOfAll(entries);
  expect(await execution.settled).toBe<ContextState>('dirty');
  expect(outcomes).toEqual([{ kind: 'timeout', limit: 'wall', limitMs: 5 }]);
});

describe('what is no message', () => {
  it.each<[string, unknown[]]>([
    ['nothing', []],
    ['no kind', [undefined, NUMBER, '']],
    ['a kind that is an object', [{}, NUMBER, '']],
    ['a number that is text', ['+timer', '1', '{"ms":1,"repeats":false}']],
    ['a number that is an object', ['+timer', {}, '{"ms":1,"repeats":false}']],
    ['params that are an object', ['+timer', 1, { ms: 1, repeats: false }]],
    ['no params', ['+timer', 1]],
    ['a message that is an object', ['>again', 1, {}]],
    ['a report that is no JSON', ['returned', NUMBER, '{']],
    ['a report of another shape', ['returned', NUMBER, '{"result":5}']],
    ['a failure of another shape', ['rejected', NUMBER, '{"message":5}']],
    ['a line of another shape', ['console', 0, '{"level":"loud","text":"x"}']],
  ])('%s ends the execution, and never the process', async (_what, args) => {
    const { post, outcomes, execution, entries } = executionOfTest();
    expect(() => post(...args)).not.toThrow();
    endOfAll(entries);
    expect(outcomes).toMatchObject([broken]);
    expect(await execution.settled).toBe<ContextState>('dirty');
  });

  it.each<[string, unknown[]]>([
    ['params that are no JSON', ['+timer', 1, '{']],
    ['params of another shape', ['+timer', 1, '{"ms":"soon"}']],
    ['an operation there is not', ['+nothing', 1, 'null']],
    ['a message to an operation there is not', ['>again', 99, '{']],
    ['the end of an operation there is not', ['-', 99, '']],
    ['a kind there is not', ['nothing', NUMBER, '{}']],
  ])('%s is the affair of the operation', async (_what, args) => {
    const { post, outcomes, execution, entries, returns } = executionOfTest();
    expect(() => post(...args)).not.toThrow();
    expect(outcomes).toEqual([]);
    returns(NUMBER, '1');
    endOfAll(entries);
    expect(await execution.settled).toBe<ContextState>('clean');
    expect(outcomes).toMatchObject([{ kind: 'returned', result: '1' }]);
  });

  it('an operation begun twice under one number ends the execution', async () => {
    const { post, outcomes, execution } = executionOfTest();
    post('+timer', 1, '{"ms":60000,"repeats":false}');
    post('+timer', 1, '{"ms":60000,"repeats":false}');
    expect(outcomes).toMatchObject([broken]);
    expect(await execution.settled).toBe<ContextState>('dirty');
  });

  it('nothing that a call asks is an error of the host', () => {
    const { call, execution } = executionOfTest();
    const ask = call() as unknown as (...args: unknown[]) => [string];
    for (const args of [[], [undefined, '{}'], [{}, {}], ['flush', 5], ['nothing', '{}'], ['nothing', '{']]) {
      expect(JSON.parse(ask(...args)[0])).toHaveProperty('ok');
    }
    execution.cut();
  });
});

describe('an outcome', () => {
  it.each(['returned', 'rejected', 'too-large'])(
    '%s of another execution is not taken for this one',
    (kind) => {
      const { post, outcomes, events, execution } = executionOfTest();
      post(kind, NUMBER - 1, '{"result":"1","notes":[],"bytes":5}');
      expect(outcomes).toEqual([]);
      expect(events).toEqual([
        'late_callback warn The callback was called again, or too late; it is ignored',
      ]);
      execution.cut();
    },
  );

  it('counts once', async () => {
    const { returns, outcomes, execution, entries } = executionOfTest();
    returns(NUMBER, '1');
    returns(NUMBER, '2');
    endOfAll(entries);
    expect(await execution.settled).toBe<ContextState>('clean');
    expect(outcomes).toMatchObject([{ kind: 'returned', result: '1' }]);
  });

  it('that is told while the context is frozen is nobody’s', async () => {
    const { returns, outcomes, execution, entries } = executionOfTest();
    returns(NUMBER, '1');
    endOfAll(entries);
    expect(await execution.settled).toBe<ContextState>('clean');
    returns(NUMBER, '2');
    expect(outcomes).toHaveLength(1);
  });
});

describe('the deadline', () => {
  it('is a timeout, with what is under way cut off', async () => {
    const { post, outcomes, execution, entries, operations } = executionOfTest({ wallMs: 30 });
    post('+timer', 1, '{"ms":60000,"repeats":false}');
    endOfAll(entries);
    expect(await execution.settled).toBe<ContextState>('dirty');
    expect(outcomes).toEqual([{ kind: 'timeout', limit: 'wall', limitMs: 30 }]);
    expect(operations.holdsAny()).toBe(false);
  });
});

describe('the host’s own work for posts', () => {
  it('counts against the CPU budget', async () => {
    const { post, outcomes, execution } = executionOfTest();
    // JSON of a few megabytes, again and again.
    const json = JSON.stringify({ ms: 'soon', all: Array.from({ length: 500_000 }, (_, index) => index) });
    for (let id = 1; outcomes.length === 0 && id < 1_000; id++) post('+timer', id, json);
    expect(outcomes).toEqual([{ kind: 'timeout', limit: 'cpu', limitMs: 1_000 }]);
    expect(await execution.settled).toBe<ContextState>('broken');
  });
});
