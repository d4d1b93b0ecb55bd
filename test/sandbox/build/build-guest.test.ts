import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildGuest, readGuestBuild } from '../../../sandbox/build/build-guest.ts';
import { preloaded } from '../../../sandbox/build/build-snapshot.ts';
import { libraries } from '../../../sandbox/build/libraries/index.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'guest-build-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('buildGuest', () => {
  it('makes one whole build, though two run at once, and nothing when it is there', async () => {
    const outputFolder = path.join(folder, 'builds');
    const some = { outputFolder, libraries: libraries.filter(({ package: id }) => preloaded.includes(id)) };
    const [build, other] = await Promise.all([buildGuest(some), buildGuest(some)]);
    const files = build.manifest.modules.flatMap(({ file }) => file ?? []);
    expect(files).toHaveLength(preloaded.length);
    await Promise.all(files.map((file) => access(path.join(build.directory, file))));
    expect(other.directory).toBe(build.directory);
    expect(await readdir(outputFolder)).toEqual([build.manifest.hash]);
    const steps: string[] = [];
    const again = await buildGuest({ outputFolder, onProgress: (text) => steps.push(text) });
    expect(again.directory).toBe(build.directory);
    expect(steps).toEqual([]);
  });

  it('writes the runtime and each library as scripts that end without a value', async () => {
    const { directory, runtimeFile, manifest } = await buildGuest();
    expect(await readFile(runtimeFile, 'utf8')).toMatch(/;0$/);
    for (const { id, kind, file } of manifest.modules) {
      if (kind === 'builtin') continue;
      const source = await readFile(path.join(directory, file ?? ''), 'utf8');
      expect(source.startsWith(`__drawbridge_define("${id}", function (require, module, exports) {`)).toBe(
        true,
      );
      expect(source.endsWith('});0')).toBe(true);
    }
  });
});

describe('readGuestBuild', () => {
  it('fails, naming the file, without a manifest or with one that is not whole', async () => {
    await expect(readGuestBuild(folder)).rejects.toThrow(path.join(folder, 'manifest.json'));
    await writeFile(path.join(folder, 'manifest.json'), '{"hash":"x"');
    await expect(readGuestBuild(folder)).rejects.toThrow('manifest.json is no manifest of a guest build');
    await writeFile(path.join(folder, 'manifest.json'), '{"hash":"x"}');
    await expect(readGuestBuild(folder)).rejects.toThrow('modules');
  });
});
