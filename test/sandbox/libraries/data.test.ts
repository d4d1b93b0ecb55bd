import { expect, it } from 'vitest';
import { useGuest } from './use-guest.ts';

const guest = useGuest();

it('bluebird makes promises of callbacks, keeps their errors apart and waits', async () => {
  const answer = await guest(async ({ require }) => {
    const Bluebird = require('bluebird');
    const store = {
      find: (id: number, done: (error: Error | null, found?: object) => void) =>
        setTimeout(() => (id > 0 ? done(null, { id }) : done(new Error('no such user'))), 1),
    };
    const promised = Bluebird.promisifyAll(store);
    const failure = await promised.findAsync(0).catch(Bluebird.OperationalError, (error: Error) => error);
    return {
      found: await promised.findAsync(1),
      failure: [failure.message, failure.isOperational, failure.constructor.name],
      mapped: await Bluebird.map([1, 2, 3], (n: number) => Bluebird.delay(1).then(() => n * 2), {
        concurrency: 2,
      }),
      late: await Bluebird.delay(1000)
        .timeout(5, 'too late')
        .catch(Bluebird.TimeoutError, (error: Error) => error.message),
      coroutine: await Bluebird.coroutine(function* (): Generator<unknown, number, number> {
        return (yield Bluebird.resolve(1)) + (yield Bluebird.delay(1, 2));
      })(),
    };
  });
  expect(answer).toEqual({
    found: { id: 1 },
    failure: ['no such user', true, 'OperationalError'],
    mapped: [2, 4, 6],
    late: 'too late',
    coroutine: 3,
  });
});

it('async runs callbacks in series, in parallel and by queue', async () => {
  const answer = await guest(async ({ require }) => {
    const async = require('async@2.6.0');
    type Done = (error: Error | null, value?: unknown) => void;
    const waterfall = await new Promise((resolve) =>
      async.waterfall(
        [(done: Done) => done(null, 1), (n: number, done: Done) => setTimeout(done, 1, null, n + 1)],
        (error: Error | null, n: number) => resolve([error, n]),
      ),
    );
    const failed = await new Promise((resolve) =>
      async.series(
        [(done: Done) => done(new Error('stop')), (done: Done) => done(null, 'never')],
        (error: Error) => resolve(error.message),
      ),
    );
    const drained = await new Promise((resolve) => {
      const done: number[] = [];
      const queue = async.queue((n: number, next: Done) => next(null, done.push(n)), 1);
      queue.drain(() => resolve(done));
      queue.push([1, 2, 3]);
    });
    const parallel = await async.parallel({ a: (done: Done) => done(null, 1), b: async () => 2 });
    return { waterfall, failed, drained, parallel, part: require('async/waterfall') === async.waterfall };
  });
  expect(answer).toEqual({
    waterfall: [null, 2],
    failed: 'stop',
    drained: [1, 2, 3],
    parallel: { a: 1, b: 2 },
    part: true,
  });
});

it('xml2js parses and builds, by callback and by promise', async () => {
  const answer = await guest(async ({ require }) => {
    const xml2js = require('xml2js');
    const xml = '<users total="2"><user id="1">Jane</user><user id="2">Jané &amp; Co</user></users>';
    const called = await new Promise((resolve) =>
      xml2js.parseString(xml, { explicitArray: false, mergeAttrs: true }, (_error: Error, result: unknown) =>
        resolve(result),
      ),
    );
    const broken = await xml2js
      .parseStringPromise('<a>')
      .then(String, (error: Error) => error.message.split('\n')[0]);
    const built = new xml2js.Builder({ headless: true }).buildObject({
      user: { $: { id: 1 }, name: 'Jane' },
    });
    return { called, promised: await xml2js.parseStringPromise(xml), broken, built };
  });
  expect(answer).toEqual({
    called: {
      users: {
        total: '2',
        user: [
          { _: 'Jane', id: '1' },
          { _: 'Jané & Co', id: '2' },
        ],
      },
    },
    promised: {
      users: {
        $: { total: '2' },
        user: [
          { _: 'Jane', $: { id: '1' } },
          { _: 'Jané & Co', $: { id: '2' } },
        ],
      },
    },
    broken: 'Unclosed root tag',
    built: '<user id="1">\n  <name>Jane</name>\n</user>',
  });
});

it('moment, underscore and lodash do their work', async () => {
  const answer = await guest(({ require }) => {
    const moment = require('moment');
    const underscore = require('underscore');
    return [
      moment('2020-02-29T23:00:00Z').utc().add(1, 'year').format('dddd, YYYY/MM/DD'),
      moment.utc('2020-01-01').from(moment.utc('2020-01-04')),
      underscore
        .chain([3, 1, 2])
        .sortBy()
        .map((n: number) => n * 2)
        .value(),
      underscore.template('Hello <%- name %>')({ name: '<Jane>' }),
      require('lodash/get')({ a: [{ b: 1 }] }, 'a[0].b'),
    ];
  });
  expect(answer).toEqual(['Sunday, 2021/02/28', '3 days ago', [2, 4, 6], 'Hello &lt;Jane&gt;', 1]);
});

it.each(['lodash@3.10.1', 'lodash@2', '_'])('%s has what lodash 4 dropped', async (request) => {
  const answer = await guest(
    ({ require, configuration: { REQUEST } }) => {
      // biome-ignore lint/suspicious/noExplicitAny: lodash 3, as a script sees it
      const _ = REQUEST === '_' ? (globalThis as any)._ : require(REQUEST!);
      const users = [
        { name: 'jane', age: 3 },
        { name: 'john', age: 2 },
      ];
      const deep = { list: [1] };
      return {
        pluck: _.pluck(users, 'name'),
        contains: [_.contains([1, 2], 2), _.include('abc', 'b')],
        where: _.where(users, { age: 2 }),
        findWhere: _.findWhere(users, { name: 'jane' }),
        any: _.any(users, { age: 2 }),
        max: _.max(users, 'age').name,
        min: _.min(users, (user: { age: number }) => user.age).name,
        numbers: [_.max([1, 3]), _.min([1, 3]), _.map([[1, 2]], _.max), _.map([[2, 2]], _.uniq)],
        uniq: _.uniq([{ a: 1 }, { a: 1 }], 'a'),
        rest: _.rest([1, 2, 3]),
        pick: _.pick({ a: 1, b: 2 }, (value: number) => value > 1),
        omit: _.omit({ a: 1, b: 2 }, 'a'),
        flatten: [_.flatten([1, [2, [3]]]), _.flatten([1, [2, [3]]], true)],
        deep: _.clone(deep, true).list !== deep.list,
        bound: _.map(
          [1, 2],
          function (this: { by: number }, n: number) {
            return n * this.by;
          },
          { by: 2 },
        ),
        object: [_.object([['a', 1]]), _.zipObject(['a'], [1]), _.pairs({ a: 1 })],
        chained: [
          _(users).pluck('name').first(),
          _.chain(users).where({ age: 3 }).pluck('name').value(),
          _(users).any({ age: 9 }),
        ],
        compose: _.compose(
          (n: number) => n + 1,
          (n: number) => n * 2,
        )(3),
        kept: _.first([1]) === 1 && _.trim(' x ') === 'x' && _.padLeft('1', 3, '0'),
        apart: require('lodash').pluck === undefined,
      };
    },
    { REQUEST: request },
  );
  const jane = { name: 'jane', age: 3 };
  const john = { name: 'john', age: 2 };
  expect(answer).toEqual({
    pluck: ['jane', 'john'],
    contains: [true, true],
    where: [john],
    findWhere: jane,
    any: true,
    max: 'jane',
    min: 'john',
    numbers: [3, 1, [2], [[2]]],
    uniq: [{ a: 1 }],
    rest: [2, 3],
    pick: { b: 2 },
    omit: { b: 2 },
    flatten: [
      [1, 2, [3]],
      [1, 2, 3],
    ],
    deep: true,
    bound: [2, 4],
    object: [{ a: 1 }, { a: 1 }, [['a', 1]]],
    chained: ['jane', ['jane'], false],
    compose: 7,
    kept: '001',
    apart: true,
  });
});

it('lodash/fp takes its data last, and leaves lodash as it is', async () => {
  const answer = await guest(({ require }) => {
    const fp = require('lodash/fp');
    const names = fp.flow(fp.filter({ age: 2 }), fp.map('name'));
    return [
      names([
        { name: 'jane', age: 3 },
        { name: 'john', age: 2 },
      ]),
      require('lodash').map([1], (n: number) => n + 1),
    ];
  });
  expect(answer).toEqual([['john'], [2]]);
});
