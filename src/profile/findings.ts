import type { Issue } from '../errors.ts';

/** Something that the script's author should know and that changes nothing. Never holds a value of the profile. */
export type ProfileWarning = Issue;

/** Where the rules put what they find. One issue per path and code. */
export interface Findings {
  readonly issues: readonly Issue[];
  readonly warnings: readonly ProfileWarning[];
  refuse(path: string, code: string, message: string): void;
  warn(path: string, code: string, message: string): void;
}

/** More than this many of either kind help nobody; a hostile profile could make thousands. */
const MOST = 50;

export function createFindings(): Findings {
  const issues: Issue[] = [];
  const warnings: ProfileWarning[] = [];
  const add = (list: Issue[], path: string, code: string, message: string) => {
    if (list.length >= MOST) return;
    if (list.some((one) => one.path === path && one.code === code)) return;
    list.push({ path, code, message });
  };
  return {
    issues,
    warnings,
    refuse: (path, code, message) => add(issues, path, code, message),
    warn: (path, code, message) => add(warnings, path, code, message),
  };
}
