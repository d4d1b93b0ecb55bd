import { type Family, login, ok } from '../attack.ts';

/** The callback called wrongly: twice, never, too late, from elsewhere, with the wrong words. */

export const family: Family = {
  name: 'callbacks',
  attacks: [
    {
      name: 'twice',
      script: login("callback(null, { user_id: '1' }); callback(null, { user_id: '2' });"),
      expect: ok,
    },
    {
      name: 'a profile, then an error',
      script: login("callback(null, { user_id: '1' }); callback(new Error('second'));"),
      expect: ok,
    },
    {
      name: 'an error, then a profile',
      script: login("callback(new Error('first')); callback(null, { user_id: '2' });"),
      expect: { code: 'script_error', detail: /^first$/ },
    },
    {
      name: 'twenty thousand times',
      script: login("for (let n = 0; n < 2e4; n++) callback(null, { user_id: '1' });"),
      expect: ok,
    },
    { name: 'without an end', script: login("for (;;) callback(null, { user_id: '1' });"), expect: ok },
    { name: 'never', script: login(''), expect: { code: 'script_no_callback' } },
    {
      name: 'from within the reading of a result',
      script: login("callback(null, { get user_id() { callback(null, { user_id: '2' }); return '1'; } });"),
      expect: ok,
    },
    {
      name: 'from within the reading of an error',
      script: login("callback({ get message() { callback(null, { user_id: '2' }); return 'mine'; } });"),
      expect: { code: 'script_error', detail: /^mine$/ },
    },
    {
      name: 'and a throw after it',
      script: login("callback(null, { user_id: '1' }); throw new Error('after');"),
      expect: ok,
    },
    {
      name: 'a throw and a callback from a timer',
      script: login("setTimeout(() => callback(null, { user_id: '2' }), 1); throw new Error('first');"),
      expect: { code: 'script_error', detail: /^first$/ },
    },
    {
      name: 'with call, apply and bind of something else',
      script: login(
        "callback.call(null, null, { user_id: '1' }); callback.apply({ finish: true }, [new Error('x')]); callback.bind(1)();",
      ),
      expect: ok,
    },
    {
      name: 'as a constructor',
      script: login(
        "try { new callback(null, { user_id: '2' }); } catch { callback(null, { user_id: '1' }); }",
      ),
      expect: ok,
    },
    {
      name: 'with properties that look like orders',
      script: login(
        "callback.finish = callback.called = true; callback.then = () => {}; callback(null, { user_id: '1' });",
      ),
      expect: ok,
    },
    {
      name: 'that an earlier execution has left',
      action: 'create',
      script: `let kept; function create(user, context, callback) { kept?.(null, { user_id: '2' }); kept = callback; callback(null, { user_id: '1' }); }`,
      expect: ok,
    },
    {
      name: 'with a falsy error and no profile',
      script: login('callback(0, undefined, null);'),
      expect: { code: 'wrong_username_or_password' },
    },
    {
      name: 'with true as the error',
      script: login('callback(true);'),
      expect: { code: 'script_error', detail: /^true$/ },
    },
    {
      name: 'with an error class of its own making',
      script: login(
        "class WrongUsernameOrPasswordError extends Error {} callback(new WrongUsernameOrPasswordError('x'));",
      ),
      expect: { code: 'script_error' },
    },
    {
      name: 'with an error that has the prototype of another',
      script: login(
        "callback(Object.setPrototypeOf({ message: 'm', code: 'user_exists' }, ValidationError.prototype));",
      ),
      expect: { code: 'user_exists' },
    },
    {
      name: 'with Symbol.hasInstance of the error classes replaced',
      script: login(
        "for (const c of [WrongUsernameOrPasswordError, ValidationError, UnauthorizedError]) Object.defineProperty(c, Symbol.hasInstance, { value: () => { throw new Error('trap'); } }); callback(new Error('mine'));",
      ),
      expect: { code: 'script_error', detail: /^mine$/ },
    },
    {
      name: 'in a promise that outlives the deadline',
      script: login(
        "let n = 0; const tick = () => ++n < 1e6 ? setTimeout(tick, 50) : callback(null, { user_id: '2' }); tick();",
      ),
      expect: { code: 'script_timeout', detail: /ran longer/ },
    },
    {
      name: 'by a Proxy of it that loops',
      script: login('new Proxy(callback, { apply() { for (;;); } })();'),
      expect: { code: 'script_timeout' },
    },
  ],
};
