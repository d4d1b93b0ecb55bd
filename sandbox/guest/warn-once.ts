import { writeLine } from './console-line.ts';

const told = new Set<string>();

/** A line of advice in the script's console, the first time that a context gets there. */
export function warnOnce(advice: string): void {
  if (told.has(advice)) return;
  told.add(advice);
  writeLine('warn', `Warning: ${advice}`);
}
