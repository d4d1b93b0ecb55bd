import { expect, test } from 'vitest';
import { connectionFiles, type RunningService, startService } from './running-service.ts';

/** What neither V8's interrupts nor its memory limit end in time, or what ends the process with the isolate. */
const killings: [what: string, source: string, timeoutMs: number][] = [
  [
    'an object of ten million keys',
    'const all = {}; for (let n = 0; n < 1e7; n++) all["said-by-the-script-" + n] = n;',
    // It has to come to so many, on a busy machine too; it is answered as soon as there are too many.
    20_000,
  ],
];

const getUser = (body: string) =>
  `function getUser(identifier, context, callback) { ${body} callback(null, { user_id: identifier }); }`;
const lookUp = (service: RunningService, connection: string) =>
  service.run(connection, 'get-user', { user_id: 'u-1' });
const found = { status: 200, body: { found: true, user: { user_id: 'u-1' } } };

/** Of those that something was under way in; one that a stuck script is left in may still be replaced. */
const deaths = ({ log }: RunningService) =>
  log.lines.filter(({ message }) => message === 'a sandbox process died; another is started').length;

test.for(killings)(
  'beside %s another connection is served, and when that is in quarantine nothing ends any more',
  { timeout: 240_000 },
  async ([, source, timeoutMs]) => {
    await using service = await startService({
      files: {
        ...connectionFiles('killer', { get_user: getUser(source) }),
        ...connectionFiles('calm', { get_user: getUser('') }),
      },
      env: {
        DRAWBRIDGE_SCRIPT_MEMORY_MB: '32',
        DRAWBRIDGE_SCRIPT_TIMEOUT_MS: String(timeoutMs),
        DRAWBRIDGE_SCRIPT_CPU_MS: String(timeoutMs),
      },
    });
    expect(await lookUp(service, 'calm')).toMatchObject(found);
    const codes: string[] = [];
    while (codes.at(-1) !== 'connection_quarantined' && codes.length < 8) {
      const killing = lookUp(service, 'killer').then(({ body }) => body.code);
      const killed = killing.then(() => true);
      do expect(await lookUp(service, 'calm')).toMatchObject(found);
      while (!(await Promise.race([killed, new Promise((resolve) => setTimeout(resolve, 100, false))])));
      codes.push(await killing);
    }
    expect(codes.at(-1)).toBe('connection_quarantined');
    const died = deaths(service);
    for (let n = 0; n < 20; n++) {
      expect(await lookUp(service, 'killer')).toMatchObject({ status: 503, body: { retryable: true } });
      expect(await lookUp(service, 'calm')).toMatchObject(found);
    }
    expect(deaths(service)).toBe(died);
    expect(JSON.stringify(service.log.lines)).not.toContain('said-by-the-script');
  },
);
