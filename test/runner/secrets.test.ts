import util from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ResultNote } from '../../sandbox/contract/outcome.ts';
import { ServiceError } from '../../src/errors.ts';
import { createMask } from '../../src/masking/mask-secrets.ts';
import { secretInputs } from '../../src/masking/secret-inputs.ts';
import type { Finished } from '../../src/pool/pool.ts';
import { createRunner } from '../../src/runner/create-runner.ts';
import type { RunnerLogEntry } from '../../src/runner/runner-parts.ts';
import { createFakeConnection, createFakePool, rejected, returned } from './fake-pool.ts';

function withNotes(finished: Finished, notes: ResultNote[]): Finished {
  if (finished.outcome.kind !== 'returned') return finished;
  return { ...finished, outcome: { ...finished.outcome, notes } };
}

describe('createMask', () => {
  const configuration = {
    API_KEY: 'k3y/with+signs',
    LONG: 'k3y/with+signs-and-more',
    ENV: 'dev',
    REGEX: 'a.*b',
  };
  const mask = createMask(configuration, { passwords: ['pass "word"', 'x1'] });
  const rows: [text: string, masked: string][] = [
    ['GET /?k=k3y/with+signs failed', 'GET /?k=[configuration.API_KEY] failed'],
    ['k3y/with+signs-and-more', '[configuration.LONG]'],
    ['k3y%2Fwith%2Bsigns', '[configuration.API_KEY]'],
    [`Bearer ${Buffer.from('k3y/with+signs').toString('base64')}`, 'Bearer [configuration.API_KEY]'],
    ['a.*b but not axxb', '[configuration.REGEX] but not axxb'],
    ['in dev', 'in dev'],
    ['no pass "word" here', 'no [password] here'],
    [JSON.stringify({ p: 'pass "word"' }), '{"p":"[password]"}'],
    ['x1, (x1) and 0x1f', '[password], ([password]) and 0x1f'],
    ['k3y/with+signs twice k3y/with+signs', '[configuration.API_KEY] twice [configuration.API_KEY]'],
  ];
  it.each(rows)('%s', (text, masked) => {
    expect(mask(text)).toBe(masked);
  });

  it('does not mask inside of its own words', () => {
    expect(createMask({ A: 'configuration' }, { passwords: ['password'] })('password')).toBe('[password]');
  });

  it.each(['j', 'ja', 'jan'])('masks what Basic authentication makes of %s and a password', (user) => {
    const secret = 'Tr0ub4dor&3~~??>>';
    const masked = createMask(
      {},
      { passwords: [secret] },
    )(`Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}.`);
    expect(masked).toMatch(/^Basic [\w+/]{0,6}\[password\][\w=]{0,3}\.$/);
  });

  it('leaves nothing of secrets that overlap', () => {
    const overlapping = createMask({ A: 'abcdefghij', B: 'ghijklmnopqr' });
    expect(overlapping('x abcdefghijklmnopqr y abcdefghij')).toBe('x [configuration.B] y [configuration.A]');
  });

  it('takes secrets of any size', () => {
    const certificates = 'MIIB/'.repeat(50_000);
    const long = Array.from({ length: 4096 }, (_, n) => String.fromCharCode(0x4e00 + n)).join('');
    expect(createMask({ CA: certificates }, { passwords: [long] })(`${certificates} ${long} x`)).toBe(
      '[configuration.CA] [password] x',
    );
  });

  it('hides where it is installed', () => {
    const path = new URL('../../src/x.ts', import.meta.url).pathname;
    expect(createMask({})(`ENOENT ${path}`)).toBe('ENOENT [drawbridge]/src/x.ts');
  });

  it('knows the passwords of each input', () => {
    expect(secretInputs('login', { identifier: 'a', password: 'b' }).passwords).toEqual(['b']);
    expect(secretInputs('create', { user: { password: 'b' } }).passwords).toEqual(['b']);
    expect(secretInputs('change_password', { identifier: 'a', new_password: 'b' }).passwords).toEqual(['b']);
    expect(secretInputs('create', { user: {} }).passwords).toEqual([]);
  });
});

const secrets = { configuration: { TOKEN: 'tok_123456' } };

describe('secret inputs', () => {
  const attestation = {
    id: 'Y3JlZGVudGlhbC1pZC1vZi0zMi1ieXRlcw',
    rawId: 'Y3JlZGVudGlhbC1yYXctMzItYnl0ZXM',
    type: 'public-key',
    response: {
      clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0',
      attestationObject: 'o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YQ',
      signature: 'MEUCIQDsignaturesignaturesignature',
      userHandle: 'dXNlci1oYW5kbGUtb2YtNjQtYnl0ZXM',
    },
  };
  const user = {
    email: 'ann.with.a.long.name@example.com',
    password: 'hunter22',
    password_confirmation: 'hunter23',
    passkey: attestation,
    passkey_user_handle: 'b3BhcXVlLXVzZXItaGFuZGxl',
    passkeyContext: {
      publicKey: { challenge: 'Y2hhbGxlbmdlLW9mLTMyLWJ5dGVz' },
      user: { name: 'ann.with.a.long.name@example.com' },
    },
    user_metadata: { favourite_colour: 'a colour with a long name' },
  };

  it('are passwords by any of their names, and all that a passkey signup brings', () => {
    const { passwords, passkeys } = secretInputs('create', { user });
    expect(passwords).toEqual(['hunter22', 'hunter23']);
    const { response } = attestation;
    expect(passkeys).toEqual([
      attestation.id,
      attestation.rawId,
      ...Object.values(response),
      user.passkey_user_handle,
      user.passkeyContext.publicKey.challenge,
    ]);
  });

  it('are masked in what a script says of them', () => {
    const said = createMask({}, secretInputs('create', { user }))(JSON.stringify(user));
    expect(said).not.toMatch(/hunter|Y3JlZ|eyJ0|o2Nm|MEUC|dXNlc|b3Bh|Y2hh/);
    expect(said).toContain('"email":"ann.with.a.long.name@example.com"');
    expect(said).toContain('"type":"public-key"');
    expect(said).toContain('a colour with a long name');
  });
});

describe('spellings of a secret', () => {
  const secret = `Zürich/5% <"it's">&more+`;
  const { inspect } = util;
  const rows: [how: string, text: string][] = [
    ['as it is', secret],
    ['JSON', JSON.stringify(secret)],
    ['JSON in ASCII', '"Z\\u00fcrich/5% <\\"it\'s\\">&more+"'],
    ['JSON with slashes escaped', '"Z\\u00fcrich\\/5% <\\"it\'s\\">&more+"'],
    ['JSON within JSON, as a log line has it', JSON.stringify(JSON.stringify({ secret }))],
    ['a URL', encodeURIComponent(secret)],
    ['a URL with small letters', encodeURIComponent(secret).replace(/%../g, (octet) => octet.toLowerCase())],
    ['a URL within a URL', encodeURIComponent(encodeURIComponent(secret))],
    ['a form', new URLSearchParams({ p: secret }).toString()],
    ['HTML', 'Zürich/5% &lt;&quot;it&#39;s&quot;&gt;&amp;more+'],
    ['SQL', secret.replaceAll("'", "''")],
    ['the console', inspect({ secret })],
    ['a Buffer on the console', inspect(Buffer.from(secret))],
    ['a Buffer in JSON', JSON.stringify(Buffer.from(secret))],
    ['hexadecimal', Buffer.from(secret).toString('hex')],
    ['hexadecimal in capitals', Buffer.from(secret).toString('hex').toUpperCase()],
    ['base64', Buffer.from(secret).toString('base64')],
    ['base64url', Buffer.from(secret).toString('base64url')],
    ['Basic authentication', Buffer.from(`jane:${secret}`).toString('base64')],
  ];
  it.each(rows)('%s', (_, text) => {
    const masked = createMask({ TOKEN: secret })(text);
    expect(masked).toContain('[configuration.TOKEN]');
    expect(masked).not.toMatch(/rich|7269|114,105|more|6d 6f/);
  });
});

describe('errors of scripts', () => {
  async function failWith(failure: Parameters<typeof rejected>[0]): Promise<ServiceError> {
    const { pool } = createFakePool({ login: rejected(failure) });
    const runner = createRunner({ pool, tenant: 'default', scriptTimeoutMs: 1 });
    const input = { identifier: 'jane', password: 'hunter22' };
    const thrown: unknown = await runner
      .run(createFakeConnection(secrets), 'login', input)
      .catch((error) => error);
    if (!(thrown instanceof ServiceError)) throw new Error('Expected a ServiceError', { cause: thrown });
    return thrown;
  }

  it.each(['Error', 'ValidationError', 'UnauthorizedError', 'WrongUsernameOrPasswordError'] as const)(
    'show no secret: %s',
    async (kind) => {
      const error = await failWith({
        kind,
        name: 'tok_123456',
        message: 'hunter22 tok_123456',
        code: 'tok_123456',
        stack: ['at login (acme/login.js:3:9) hunter22'],
      });
      expect(JSON.stringify([error.message, error.details])).not.toMatch(/tok_|hunter/);
      expect(error.details.detail).toContain('[password] [configuration.TOKEN]');
    },
  );

  it('show the stack lines of the connection’s scripts alone', async () => {
    const error = await failWith({
      message: 'x',
      stack: [
        'at login (acme/login.js:3:9)',
        'at run (/srv/app/sandbox/host.js:1:1)',
        'at x (acme/get_user.js:1:1)',
      ],
    });
    expect(error.details.scriptStack).toEqual([
      'at login (acme/login.js:3:9)',
      'at x (acme/get_user.js:1:1)',
    ]);
  });

  it('show the place where there is no stack', async () => {
    const error = await failWith({ message: 'x', place: { file: 'acme/login.js', line: 3, column: 9 } });
    expect(error.details.scriptStack).toEqual(['at acme/login.js:3:9']);
  });

  it('name no field by a secret', async () => {
    const { pool } = createFakePool({ login: returned({ user_id: '1', name: 7, hunter22: 'tok_123456' }) });
    const notes = [{ path: 'hunter22.tok_123456', code: 'not_json' as const, message: 'is a function' }];
    const noting = {
      ...pool,
      execute: async (job: Parameters<typeof pool.execute>[0]) => withNotes(await pool.execute(job), notes),
    };
    const runner = createRunner({ pool: noting, tenant: 'default', scriptTimeoutMs: 1_000 });
    const input = { identifier: 'jane', password: 'hunter22' };
    const error = await runner
      .run(createFakeConnection(secrets), 'login', input)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid_profile' });
    expect(JSON.stringify((error as ServiceError).details)).not.toMatch(/tok_|hunter/);
  });

  it.each(['title', 'breaks', 'user_id', 'name', 'login', 'password', 'without'])(
    'keep our own words though the password be "%s"',
    async (password) => {
      const own = { pool: createFakePool({ login: returned({ user_id: ' 1', name: 7 }) }).pool, tenant: 't' };
      const run = (pool: typeof own.pool) =>
        createRunner({ ...own, pool, scriptTimeoutMs: 1_000 })
          .run(createFakeConnection(), 'login', { identifier: 'jane', password })
          .catch((error: ServiceError) => JSON.stringify([error.message, error.details]));
      expect(await run(own.pool)).not.toContain('[password]');
      const stack = ['at acme/login.js:3:9'];
      expect(await run(createFakePool({ login: rejected({ stack }) }).pool)).toContain(stack[0]);
    },
  );

  it('are cut to a readable length', async () => {
    const error = await failWith({ message: 'x'.repeat(100_000) });
    expect(error.details.detail?.length).toBeLessThan(5000);
  });
});

describe('the log', () => {
  it('gets what scripts say, masked', async () => {
    const lines: RunnerLogEntry[] = [];
    const { pool } = createFakePool({
      login: (job) => {
        const { execution } = job;
        job.onEvent({
          type: 'event',
          execution,
          event: 'console',
          level: 'info',
          text: 'tok_123456 hunter22 hi',
        });
        return returned({ user_id: '1', email: 'a@b' });
      },
    });
    const runner = createRunner({
      pool,
      tenant: 'default',
      scriptTimeoutMs: 1,
      log: (line) => lines.push(line),
    });
    const input = { identifier: 'jane', password: 'hunter22' };
    await runner.run(createFakeConnection(secrets), 'login', input, { executionId: 'exec_1' });
    expect(lines).toEqual([
      {
        kind: 'script_event',
        level: 'info',
        connection: 'acme',
        script: 'login',
        execution: 'exec_1',
        code: 'console',
        text: '[configuration.TOKEN] [password] hi',
      },
    ]);
  });

  it('gets each profile warning once per version, the answer every time', async () => {
    const lines: RunnerLogEntry[] = [];
    const { pool } = createFakePool({ login: returned({ user_id: 7, email: 'a@b' }) });
    const runner = createRunner({
      pool,
      tenant: 'default',
      scriptTimeoutMs: 1,
      log: (line) => lines.push(line),
    });
    const input = { identifier: 'jane', password: 'hunter22' };
    const connection = createFakeConnection();
    for (const again of [connection, connection, createFakeConnection()]) {
      const { warnings } = await runner.run(again, 'login', input);
      expect(warnings).toMatchObject([{ path: 'user_id', code: 'user_id_number' }]);
    }
    expect(lines.map((line) => [line.kind, line.code, line.path])).toEqual([
      ['profile_warning', 'user_id_number', 'user_id'],
      ['profile_warning', 'user_id_number', 'user_id'],
    ]);
  });
});
