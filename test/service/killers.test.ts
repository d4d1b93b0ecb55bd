import { expect, test } from 'vitest';
import { connectionFiles, type RunningService, startService } from './running-service.ts';

/** What neither V8's interrupts nor its memory limit end in time, or what ends the process with the isolate. */
const killings: [what: string, source: string][] = [
  [
    'an object of ten million keys',
    'const all = {}; for (let n = 0; n < 1e7; n++) all["said-by-the-script-" + n] = n;',
  ],
  ['a BigInt that grows', 'let x = 3n; for (;;) x *= x;'],
  ['a large array filled again and again', 'for (;;) new Array(2 ** 27).fill(0);'],
];

const getUser = (body: string) =>
  `function getUser(identifier, context, callback) { ${body} callback(null, { user_id: identifier }); }`;
const lookUp = (service: RunningService, connection: string) =>
  service.run(connection, 'get-user', { user_id: 'u-1' });
const found = { status: 200, body: { found: true, user: { user_id: 'u-1' } } };

const count = ({ log }: RunningService, message: string) =>
  log.lines.filter((line) => line.message === message).length;
/** Of those that something was under way in; one that a stuck script is left in may still be replaced. */
const deaths = (service: RunningService) => count(service, 'a sandbox process died; another is started');
const replacements = (service: RunningService) => count(service, 'a sandbox process is replaced');

test.for(killings)(
  'beside %s another connection is served, and when that is in quarantine nothing ends any more',
  { timeout: 240_000 },
  async ([, source], { skip }) => {
    await using service = await startService({
      files: {
        ...connectionFiles('killer', { get_user: getUser(source) }),
        ...connectionFiles('calm', { get_user: getUser('') }),
      },
      env: {
        DRAWBRIDGE_SCRIPT_MEMORY_MB: '64',
        DRAWBRIDGE_SCRIPT_TIMEOUT_MS: '6000',
        DRAWBRIDGE_SCRIPT_CPU_MS: '5000',
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
    if (deaths(service) + replacements(service) === 0)
      skip('the machine is so busy that the time was up before the script could do harm');
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
