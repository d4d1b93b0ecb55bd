import { expect } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import { holdCreate, isUp, narrowFiles, readOnly, type Stage } from './error-stage.ts';
import { password, type Reply, type RunningService, startService } from './running-service.ts';

interface ErrorCase {
  provoke(stage: Stage): Promise<Reply>;
  /** What the body has beside what every problem has. */
  fields: Record<string, unknown>;
  detail: RegExp;
  /** Whether there is an execution: then its id is in the body and in the header. */
  executed: boolean;
  headers?: Record<string, unknown>;
}

const body = { identifier: 'jane@example.com' };
const logIn = (service: RunningService, identifier: string) =>
  service.run('acme', 'login', { identifier, password });

/** As when V8 fails: a signal that no operator ends processes with. */
function endAll({ log }: RunningService): void {
  for (const { fields } of log.lines.filter(isUp)) {
    try {
      process.kill(Number(fields.pid), 'SIGSEGV');
    } catch {
      // It has been ended before.
    }
  }
}

export const errorCases: Record<ErrorCode, ErrorCase> = {
  recording_not_found: {
    provoke: ({ service }) => service.call('/v1/connections/acme/recordings/exec_0'),
    fields: { connection: 'acme' },
    detail: /options\.recording/,
    executed: false,
  },
  user_handle_not_found: {
    provoke: ({ service }) => service.run('acme', 'user-handle', { user_handle: 'of-nobody' }),
    fields: { connection: 'acme' },
    detail: /not bound within 24 hours$/,
    executed: false,
  },
  user_handle_taken: {
    async provoke({ service }) {
      const { user_handle } = (await service.run('acme', 'user-handle', { user_id: '1' })).body;
      return service.run('acme', 'user-handle', { user_handle, user_id: '2' });
    },
    fields: { connection: 'acme' },
    detail: /bound to another user$/,
    executed: false,
  },
  user_handles_off: {
    provoke: ({ narrow }) => narrow.run('acme', 'user-handle', {}),
    fields: { connection: 'acme' },
    detail: /DRAWBRIDGE_USER_HANDLES_FILE$/,
    executed: false,
  },
  invalid_request: {
    provoke: ({ service }) => service.run('acme', 'login', { identifier: 7, password, pasword: password }),
    fields: {
      connection: 'acme',
      script: 'login',
      issues: [
        { path: 'identifier', code: 'wrong_type', message: 'must be a string, is a number' },
        {
          path: 'pasword',
          code: 'unknown_field',
          message: 'is not a known field; allowed here: identifier, password, organization',
        },
      ],
    },
    detail: /^identifier must be a string, is a number; pasword is not a known field/,
    executed: false,
  },
  unauthorized: {
    provoke: ({ service }) => service.run('acme', 'get-user', body, { authorization: 'Bearer no-key' }),
    fields: {},
    detail: /unknown or revoked/,
    executed: false,
    headers: { 'www-authenticate': 'Bearer realm="drawbridge", error="invalid_token"' },
  },
  wrong_username_or_password: {
    provoke: ({ service }) => logIn(service, 'known'),
    fields: { connection: 'acme', script: 'login', log_code: 'fp' },
    detail: /^Wrong: \[password\]$/,
    executed: true,
  },
  forbidden: {
    provoke: ({ service }) =>
      service.run('acme', 'get-user', body, { authorization: `Bearer ${readOnly.key}` }),
    fields: {},
    detail: /lacks the scope execute$/,
    executed: false,
    headers: { 'www-authenticate': 'Bearer realm="drawbridge", error="insufficient_scope"' },
  },
  access_denied: {
    provoke: ({ service }) => logIn(service, 'denied'),
    fields: { connection: 'acme', script: 'login' },
    detail: /^Not from \[configuration\.SECRET\]$/,
    executed: true,
  },
  not_found: {
    provoke: ({ service }) => service.post('/v2/connections', {}),
    fields: {},
    detail: /openapi\.json/,
    executed: false,
  },
  connection_not_found: {
    provoke: ({ service }) => service.run('nowhere', 'get-user', body),
    fields: { script: 'get_user', connection: 'nowhere' },
    detail: /nowhere/,
    executed: false,
  },
  script_not_found: {
    provoke: ({ service }) => service.run('acme', 'delete', { user_id: '1' }),
    fields: { connection: 'acme', script: 'delete' },
    detail: /acme has no delete script$/,
    executed: true,
  },
  method_not_allowed: {
    provoke: ({ service }) => service.call('/v1/connections/acme/login', { method: 'PUT' }),
    fields: {},
    detail: /POST$/,
    executed: false,
    headers: { allow: 'POST' },
  },
  context_object_disabled: {
    provoke: ({ service }) => service.run('plain', 'get-user', { user_id: '1' }),
    fields: { connection: 'plain', script: 'get_user' },
    detail: /options\.enable_script_context/,
    executed: true,
  },
  user_exists: {
    provoke: ({ service }) => service.run('acme', 'signup', { user: { email: 'jane@example.com' } }),
    fields: {
      connection: 'acme',
      script: 'get_user',
      issues: [{ path: 'user.email', code: 'user_exists', message: 'This email is taken' }],
    },
    detail: /email exists already$/,
    executed: true,
  },
  idempotency_key_reused: {
    async provoke({ service }) {
      const key = { 'idempotency-key': 'once' };
      await service.run('acme', 'create', { user: { email: 'ann@example.com', password } }, key);
      return service.run('acme', 'create', { user: { email: 'bob@example.com', password } }, key);
    },
    fields: { connection: 'acme', script: 'create' },
    detail: /another body before/,
    executed: false,
  },
  payload_too_large: {
    provoke: ({ service }) => service.run('acme', 'get-user', { identifier: 'x'.repeat(1024 * 1024) }),
    fields: { script: 'get_user' },
    detail: /1048576 bytes/,
    executed: false,
  },
  unsupported_media_type: {
    provoke: ({ service }) =>
      service.run('acme', 'get-user', body, { 'content-type': 'application/x-www-form-urlencoded' }),
    fields: { script: 'get_user' },
    detail: /application\/json/,
    executed: false,
  },
  script_rejected: {
    provoke: ({ service }) => logIn(service, 'refused'),
    fields: { connection: 'acme', script: 'login', script_code: 'locked' },
    detail: /^Locked, said \[password\]$/,
    executed: true,
  },
  script_invalid: {
    provoke: ({ service }) => service.run('acme', 'verify', { email: 'jane@example.com' }),
    fields: {
      connection: 'acme',
      script: 'verify',
      issues: [{ path: 'acme/verify.js:2:9', code: 'script_invalid', message: "Unexpected keyword 'const'" }],
      stack: ['at acme/verify.js:2:9'],
    },
    detail: /acme\/verify\.js:2:9/,
    executed: true,
  },
  too_many_attempts: {
    async provoke({ service }) {
      for (let failures = 0; failures < 10; failures++) await logIn(service, 'known');
      return logIn(service, ' KNOWN');
    },
    fields: { connection: 'acme', script: 'login' },
    detail: /^Too many logins of this user have failed$/,
    executed: false,
  },
  internal_error: {
    async provoke({ broken }) {
      const response = await broken.post('/v1/connections/acme/get-user', body);
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
    },
    fields: { connection: 'acme', script: 'get_user' },
    detail: /^$/,
    executed: true,
  },
  invalid_profile: {
    provoke: ({ service }) => logIn(service, 'unfit'),
    fields: {
      connection: 'acme',
      script: 'login',
      issues: [
        { path: 'user_id', code: 'user_id_empty', message: expect.stringContaining('String(row.id)') },
        { path: 'email', code: 'email_type', message: expect.stringContaining('is a number') },
      ],
    },
    detail: /^login returned a profile that breaks the rules/,
    executed: true,
  },
  user_id_mismatch: {
    provoke: ({ service }) => service.run('acme', 'get-user', { user_id: '2' }),
    fields: { connection: 'acme', script: 'get_user' },
    detail: /user_id/,
    executed: true,
  },
  identifier_mismatch: {
    provoke: ({ service }) =>
      service.run('acme', 'get-user', { identifier: 'eve@example.com', identifier_type: 'email' }),
    fields: { connection: 'acme', script: 'get_user' },
    detail: /asked for a user by email/,
    executed: true,
  },
  script_error: {
    provoke: ({ service }) => logIn(service, 'failing'),
    fields: {
      connection: 'acme',
      script: 'login',
      stack: [
        'at fail (acme/login.js:15:9)',
        'at Object.failing (acme/login.js:10:20)',
        'at login (acme/login.js:12:22)',
      ],
    },
    detail: /^TypeError: No luck with \[password\] and \[configuration\.SECRET\]$/,
    executed: true,
  },
  script_no_callback: {
    provoke: ({ service }) => logIn(service, 'silent'),
    fields: { connection: 'acme', script: 'login' },
    detail: /callback was never called/,
    executed: true,
  },
  script_out_of_memory: {
    provoke: ({ narrow }) => logIn(narrow, 'hungry'),
    fields: { connection: 'acme', script: 'login' },
    detail: /^login needed more than 32 MB$/,
    executed: true,
  },
  result_too_large: {
    provoke: ({ service }) => logIn(service, 'huge'),
    fields: { connection: 'acme', script: 'login' },
    detail: /^login returned \d+ bytes or more; the limit is \d+/,
    executed: true,
  },
  overloaded: {
    async provoke(stage) {
      const [held, first] = await holdCreate(stage);
      const refused = await logIn(stage.narrow, 'known');
      held.answer(201, {});
      await first;
      return refused;
    },
    fields: { connection: 'acme', script: 'login' },
    detail: /^login was not started$/,
    executed: true,
    headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) },
  },
  sandbox_crashed: {
    async provoke(stage) {
      const [, creating] = await holdCreate(stage);
      const { log } = stage.narrow;
      const replaced = log.next(isUp);
      process.kill(Number(log.lines.findLast(isUp)?.fields.pid), 'SIGKILL');
      await replaced;
      return creating;
    },
    fields: { connection: 'acme', script: 'create' },
    detail: /died under it/,
    executed: true,
  },
  connection_quarantined: {
    async provoke({ silent }) {
      await using service = await startService({
        files: narrowFiles(silent.url),
        env: { DRAWBRIDGE_EGRESS_ALLOW: silent.address },
      });
      for (let death = 0; death < 3; death++) {
        const arrived = silent.next();
        const creating = service.run('acme', 'create', { user: { email: 'ann@example.com', password } });
        await arrived;
        endAll(service);
        await creating;
      }
      return await logIn(service, 'known');
    },
    fields: { connection: 'acme', script: 'login' },
    detail:
      /^login was not started: the connection is set aside, because its scripts have ended 3 sandbox processes: it ended with SIGSEGV\. It is tried again in \d+ s, and as soon as its files change\.$/,
    executed: true,
    headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
  },
  script_timeout: {
    async provoke(stage) {
      const [, creating] = await holdCreate(stage);
      return creating;
    },
    fields: { connection: 'acme', script: 'create' },
    detail: /^create ran longer than 3 s$/,
    executed: true,
  },
};
