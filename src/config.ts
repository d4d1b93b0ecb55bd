import { isEgressEntry, isLoopback } from './config-fields.ts';
import { type Config, type ConfigKey, configSchema, type Setting, settings } from './config-settings.ts';

export type { Config } from './config-settings.ts';

/** The configuration cannot be used; `problems` names each flag or variable, what it was and what is allowed. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      problems.length === 1
        ? problems[0]
        : `The configuration is not valid:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** Camel-case keys of `settings`, as commander gives them: `{ dir: './tenant', port: '3000' }`. */
export type Flags = Readonly<Partial<Record<ConfigKey, string | undefined>>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Of a secret nothing is said but that it is wrong. */
const isSecret = ({ flag }: Setting) => flag === undefined;

interface Source {
  from: string;
  text: string;
}

/** Flag before variable before default. An empty variable counts as not set, save for secrets: see below. */
function findSource(setting: Setting, flags: Flags, env: Environment): Source | undefined {
  const flag = flags[setting.key];
  if (flag !== undefined && setting.flag) return { from: `--${setting.flag.name}`, text: flag };
  const variable = env[setting.variable];
  // An empty secret is a deployment whose secret did not arrive; to take it for "no key" would open the API.
  if (variable !== undefined && (variable !== '' || isSecret(setting))) {
    return { from: setting.variable, text: variable };
  }
  if (setting.byDefault === undefined) return undefined;
  const text = typeof setting.byDefault === 'string' ? setting.byDefault : setting.byDefault();
  return { from: setting.variable, text };
}

function describeProblem(setting: Setting, source: Source): string {
  if (isSecret(setting)) {
    const was = source.text === '' ? 'is set but empty' : 'is not usable as a key';
    return `${source.from} ${was}; allowed: ${setting.allowed}`;
  }
  if (setting.key === 'egressAllow') {
    const bad = source.text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '' && !isEgressEntry(entry));
    return `${source.from} has ${bad.map((entry) => JSON.stringify(entry)).join(', ')}; allowed: ${setting.allowed}`;
  }
  return `${source.from} is ${JSON.stringify(source.text)}; allowed: ${setting.allowed}`;
}

/**
 * Reads flags and environment once, whole. Throws ConfigError. Bound to more than loopback it wants a key: a
 * bridge to people's user stores that anyone on the network may call is never what was meant.
 */
export function loadConfig(flags: Flags = {}, env: Environment = process.env): Config {
  const sources = new Map<ConfigKey, Source>();
  for (const each of settings) {
    const source = findSource(each, flags, env);
    if (source) sources.set(each.key, source);
  }
  const parsed = configSchema.safeParse(
    Object.fromEntries([...sources].map(([key, { text }]) => [key, text])),
  );
  if (!parsed.success) {
    const keys = new Set(parsed.error.issues.map((issue) => issue.path[0]));
    throw new ConfigError(
      settings
        .filter(({ key }) => keys.has(key))
        .map((each) => describeProblem(each, sources.get(each.key)!)),
    );
  }
  const config = parsed.data;
  if (!isLoopback(config.host) && !config.apiKey && !config.apiKeysFile) {
    throw new ConfigError([
      `${sources.get('host')!.from} is ${JSON.stringify(config.host)}, which other machines can reach, and there is no API key. ` +
        'Set DRAWBRIDGE_API_KEY (for example to the output of: openssl rand -hex 32) or DRAWBRIDGE_API_KEYS_FILE ' +
        '(made by: npx drawbridge keys create --file keys.json --name my-auth-server), or listen on 127.0.0.1',
    ]);
  }
  if (config.sandboxUser && process.getuid?.() !== 0) {
    throw new ConfigError([
      `${sources.get('sandboxUser')!.from} is ${JSON.stringify(config.sandboxUser.name)}, but only root may start processes as another user; ` +
        'leave it unset, and sandbox processes run as the user that starts Drawbridge',
    ]);
  }
  return Object.freeze(config);
}
