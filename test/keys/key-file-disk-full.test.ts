import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { updateKeyFile } from '../../src/keys/key-file.ts';

vi.mock('node:fs/promises', { spy: true });

test('a full disk leaves no lock behind', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'keys-'));
  const file = join(directory, 'keys.json');
  const nothing = () => ({ keys: [], result: 'done' });
  const { open: realOpen } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
  vi.mocked(open).mockImplementationOnce(async (...args) => {
    const handle = await realOpen(...args);
    handle.writeFile = () => Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
    return handle;
  });
  await expect(updateKeyFile(file, nothing)).rejects.toThrow(/keys.json.lock cannot be written \(ENOSPC\)/);
  expect(await readdir(directory)).toEqual([]);
  expect(await updateKeyFile(file, nothing, { lockWaitMs: 0 })).toBe('done');
  await rm(directory, { recursive: true });
});
