import { failedBy, type Verdict } from './verdict.ts';

export interface Ignored {
  /** By code; each is known and has a reason. */
  reasons: ReadonlyMap<string, string>;
  /** None where nothing is ignored. */
  verdicts: Partial<Record<'ignore_unknown_code' | 'ignore_without_reason', Verdict>>;
}

/** Reads `options.passkey_readiness.ignore`: `{ "<code>": "<reason>" }`. */
export function readIgnored(
  ignore: Readonly<Record<string, string>> | null | undefined,
  file: string,
  codes: ReadonlySet<string>,
): Ignored {
  const entries = Object.entries(ignore ?? {});
  if (entries.length === 0) return { reasons: new Map(), verdicts: {} };
  const at = (code: string, message: string) => ({
    file,
    path: `options.passkey_readiness.ignore.${code}`,
    message,
  });
  const unknown = entries.filter(([code]) => !codes.has(code));
  const without = entries.filter(([code, reason]) => codes.has(code) && reason.trim() === '');
  return {
    reasons: new Map(entries.filter(([code, reason]) => codes.has(code) && reason.trim() !== '')),
    verdicts: {
      ignore_unknown_code: failedBy(unknown.map(([code]) => at(code, `There is no code ${code}`))),
      ignore_without_reason: failedBy(
        without.map(([code]) => at(code, `${code} is ignored without a reason`)),
      ),
    },
  };
}
