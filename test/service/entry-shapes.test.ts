import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EntryParts, placeOf, shapes } from './entry-shapes.ts';
import { connectionFiles, type RunningService, startService } from './running-service.ts';

const failure = "new Error('on purpose')";

interface Action {
  name: string;
  parameters: string;
  /** What the script does with arguments that are right. */
  answer: string;
  call: string;
  body(first: string): object;
  reply: object;
}

const actions = {
  login: {
    name: 'login',
    parameters: 'identifier, password',
    answer: "callback(null, { user_id: '1', name: identifier + ' ' + password });",
    call: 'login',
    body: (identifier) => ({ identifier, password: 'p' }),
    reply: { status: 200, body: { user: { user_id: '1', name: 'jane p' } } },
  },
  get_user: {
    name: 'getUser',
    parameters: 'identifierValue',
    answer: "callback(null, { user_id: '1', name: identifierValue });",
    call: 'get-user',
    body: (identifier) => ({ identifier }),
    reply: { status: 200, body: { found: true, user: { user_id: '1', name: 'jane' } } },
  },
  delete: {
    name: 'remove',
    parameters: 'id',
    answer: "callback(id === 'jane' ? null : new TypeError('no id'));",
    call: 'delete',
    body: (user_id) => ({ user_id }),
    reply: { status: 204, text: '' },
  },
  change_email: {
    name: 'changeEmail',
    parameters: 'email, newEmail, verified',
    answer: "callback(null, email + newEmail + verified === 'janejane2true');",
    call: 'change-email',
    body: (email) => ({ email, new_email: 'jane2', verified: true }),
    reply: { status: 200, body: { changed: true } },
  },
} satisfies Record<string, Action>;

type ActionName = keyof typeof actions;
const names = Object.keys(actions) as ActionName[];

function partsOf(action: ActionName, context: boolean): EntryParts {
  const { name, parameters, answer } = actions[action];
  const first = parameters.split(',')[0]!;
  const count = parameters.split(',').length + 1;
  const wrong = context ? "typeof context !== 'object'" : `arguments.length !== ${count}`;
  const body = [
    `  if (${first} === 'fail') { throw ${failure}; }`,
    `  if (${wrong} || typeof callback !== 'function') return callback(new TypeError('wrong arguments'));`,
    `  return ${answer}`,
  ].join('\n');
  const all = `${parameters}, ${context ? 'context, ' : ''}callback`;
  return { name, parameters: all, body };
}

const sourceOf = (shape: string, action: ActionName) => shapes[shape]!(partsOf(action, true));
const connectionOf = (shape: string) => shape.replace(/[^a-z]+/gi, '-').replace(/^-|-$/g, '');
const filesOf = (shape: string) =>
  connectionFiles(
    connectionOf(shape),
    Object.fromEntries(names.map((action) => [action, sourceOf(shape, action)])),
  );

/** Scripts from before there was a context object. */
const oldScripts = {
  login: shapes['a function of any name']!(partsOf('login', false)),
  get_user: shapes['a function declaration']!({ ...partsOf('get_user', false), name: 'loginByEmail' }),
  delete: shapes['a function declaration']!(partsOf('delete', false)),
  change_email: shapes['an anonymous function']!(partsOf('change_email', false)),
};

let service: RunningService;
beforeAll(async () => {
  service = await startService({
    files: {
      ...Object.assign({}, ...Object.keys(shapes).map(filesOf)),
      ...connectionFiles('context-off', oldScripts, { enable_script_context: false }),
      ...connectionFiles('context-on', oldScripts),
    },
  });
});
afterAll(() => service.stop());

describe.each(Object.keys(shapes))('%s', (shape) => {
  const connection = connectionOf(shape);

  test('loads without warnings', async () => {
    const { body } = await service.call(`/v1/connections/${connection}`);
    for (const action of names) {
      expect(body.scripts[action]).toMatchObject({ arguments: 'context', warnings: [] });
      expect(body.scripts[action]).not.toHaveProperty('problem');
    }
  });

  test.each(names)('%s is called with its arguments', async (action) => {
    const { call, body, reply } = actions[action];
    expect(await service.run(connection, call, body('jane'))).toMatchObject(reply);
  });

  test.each(names)('an error of %s has its line and column', async (action) => {
    const { call, body } = actions[action];
    const reply = await service.run(connection, call, body('fail'));
    expect(reply).toMatchObject({ status: 502, body: { code: 'script_error', detail: 'on purpose' } });
    const place = placeOf(sourceOf(shape, action), failure);
    expect(reply.body.stack[0]).toContain(`${connection}/${action}.js:${place}`);
  });
});

describe.each([
  ['off', []],
  ['on', ['entry_without_context']],
])('entries without a context object, with enable_script_context %s', (state, warnings) => {
  const connection = `context-${state}`;

  test('are warned about where they could have one', async () => {
    const { body } = await service.call(`/v1/connections/${connection}`);
    for (const action of names) {
      const { arguments: called, warnings: given } = body.scripts[action];
      expect({ called, codes: given.map(({ code }: { code: string }) => code) }).toEqual({
        called: 'plain',
        codes: warnings,
      });
    }
  });

  test.each(names)('%s is called with exactly what it declares', async (action) => {
    const { call, body, reply } = actions[action];
    expect(await service.run(connection, call, body('jane'))).toMatchObject(reply);
  });

  test('get_user is never run for a lookup by user_id', async () => {
    const reply = await service.run(connection, 'get-user', { user_id: 'jane' });
    expect(reply).toMatchObject({ status: 409, body: { code: 'context_object_disabled' } });
    expect(reply.headers.get('server-timing')).toBeNull();
  });
});
