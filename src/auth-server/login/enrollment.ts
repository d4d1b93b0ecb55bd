import type { Visit } from './visit.ts';

export function wantsEnrollment(_visit: Visit): boolean {
  return false;
}
