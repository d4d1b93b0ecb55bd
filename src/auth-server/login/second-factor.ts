import type { Visit } from './visit.ts';

export async function wantsSecondFactor(_visit: Visit): Promise<boolean> {
  return false;
}
