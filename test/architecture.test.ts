import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

/**
 * Who may import whom, from docs/architecture.md. The first rule whose folder a file is in holds for it; entries are
 * folders or files that its relative imports may lead to, beside its own folder.
 */
const base = [
  'src/errors.ts',
  'src/log.ts',
  'sandbox/contract',
  'src/profile',
  'src/scripts',
  'src/encryption',
  'src/masking',
  'src/events',
  'src/replace-file.ts',
  'src/find-json-mistake.ts',
];
const middle = [
  'src/connections',
  'src/pool',
  'src/passkeys',
  'src/keys',
  'src/fixtures',
  'src/user-handles',
];
const runner = ['src/runner'];
const rules: [from: string, to: string[]][] = [
  ['sandbox/contract', []],
  ['sandbox/guest', ['sandbox/contract']],
  ['sandbox/host', ['sandbox/contract', 'sandbox/build/read-guest-build.ts']],
  ['sandbox/build', ['sandbox/contract', 'sandbox/host/isolate.ts']],
  ['src/errors.ts', base],
  ['src/log.ts', base],
  ['src/replace-file.ts', base],
  ['src/find-json-mistake.ts', []],
  ['src/profile', base],
  ['src/scripts', base],
  ['src/encryption', base],
  ['src/masking', base],
  ['src/events', base],
  ['src/connections', base],
  ['src/keys', base],
  ['src/user-handles', base],
  ['src/passkeys', base],
  ['src/fixtures', base],
  ['src/pool', [...base, 'sandbox/build']],
  ['src/runner', [...base, ...middle]],
  ['src/shadow', [...base, ...middle, ...runner]],
  ['src/protocols', [...base, 'src/runner/runner.ts']],
  ['src/http', [...base, ...middle, ...runner, 'src/shadow', 'src/config.ts', 'src/config-fields.ts']],
  ['src/testkit', [...base, ...middle, ...runner]],
  ['src/demo', [...base, ...middle, ...runner]],
  [
    'src/auth-server',
    [
      ...base,
      'src/events',
      'src/keys/secret.ts',
      'src/passkeys/settings/relying-party.ts',
      'src/package-root.ts',
    ],
  ],
  ['src/service.ts', ['src', 'sandbox/contract']],
  ['src/cli', ['src', 'sandbox/contract']],
  ['src/main.ts', ['src/cli', 'src/config.ts', 'src/package-root.ts']],
  ['src', base],
];

const onlyImporters: Record<string, string[]> = {
  'isolated-vm': ['sandbox/host/isolate.ts'],
  express: ['src/http', 'src/demo', 'src/auth-server'],
  nock: ['src/testkit'],
  vitest: ['src/testkit/vitest.ts'],
};

const root = path.join(import.meta.dirname, '..');
const files = ['src', 'sandbox'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.posix.join(folder, name.split(path.sep).join('/'))),
);

interface Import {
  from: string;
  specifier: string;
}

const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(path.join(root, from), 'utf8');
  const pattern = /(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)'([^']+)'/g;
  return [...text.matchAll(pattern)].map((match) => ({ from, specifier: match[1] as string }));
});

const within = (file: string, place: string) => file === place || file.startsWith(`${place}/`);
const targetOf = ({ from, specifier }: Import) => path.posix.join(path.posix.dirname(from), specifier);

it('imports only downwards', () => {
  const wrong = imports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .filter((one) => {
      const rule = rules.find(([place]) => within(one.from, place));
      const home = rule?.[0].endsWith('.ts') ? [] : [rule?.[0] ?? ''];
      return ![...home, ...(rule?.[1] ?? [])].some((place) => within(targetOf(one), place));
    })
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
  expect(wrong).toEqual([]);
});

it('keeps the core of the auth server free of what can be left out', () => {
  const core = 'src/auth-server';
  const extensions = `${core}/extensions`;
  const wrong = imports
    .filter(
      (one) => within(one.from, core) && !within(one.from, extensions) && within(targetOf(one), extensions),
    )
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
  expect(wrong).toEqual([]);
});

it('has one importer for each heavy package', () => {
  const wrong = imports
    .filter(({ from, specifier }) => {
      const allowed = onlyImporters[specifier];
      return allowed && !allowed.some((place) => within(from, place));
    })
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
  expect(wrong).toEqual([]);
});

it('has no circles', () => {
  const edges = new Map<string, string[]>();
  for (const one of imports.filter(({ specifier }) => specifier.startsWith('.'))) {
    edges.set(one.from, [...(edges.get(one.from) ?? []), targetOf(one)]);
  }
  const done = new Set<string>();
  const circle = (file: string, way: string[]): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of edges.get(file) ?? []) {
      const found = circle(next, [...way, file]);
      if (found) return found;
    }
    done.add(file);
    return undefined;
  };
  expect(files.map((file) => circle(file, [])).find(Boolean)).toBeUndefined();
});
