import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { buildGuest } from '../../../sandbox/build/build-guest.ts';

vi.mock('node:fs/promises', { spy: true });

it('says which folder needs room when the disk is full, and leaves nothing there', async () => {
  const outputFolder = await mkdtemp(path.join(tmpdir(), 'guest-build-'));
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  vi.mocked(writeFile).mockRejectedValueOnce(full);
  await expect(buildGuest({ outputFolder })).rejects.toMatchObject({
    name: 'GuestBuildError',
    message: expect.stringContaining(`cannot write the modules for scripts to ${outputFolder}: ENOSPC`),
  });
  await expect.poll(() => readdir(outputFolder)).toEqual([]);
  await rm(outputFolder, { recursive: true });
});
