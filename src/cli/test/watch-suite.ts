import type { TestOptions } from './test-options.ts';

export async function watchSuite(_options: TestOptions, _parts: object): Promise<number> {
  return 0;
}
