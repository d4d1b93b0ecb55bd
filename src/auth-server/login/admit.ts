import type { By, Refusal, Told } from '../parts.ts';
import type { Proven } from './logins.ts';
import { blocked } from './say-failure.ts';

/** Why the user of a first factor is not let in, if so. */
export async function refusalOf(by: By, proven: Proven): Promise<Refusal | undefined> {
  if (proven.user.blocked) return { code: 'user_blocked', message: blocked, status: 403 };
  for (const extension of by.parts.extensions) {
    const refusal = await extension.admit?.(by, proven);
    if (refusal) return refusal;
  }
  return undefined;
}

/** What the user has to do yet, before the login can end. */
export function stepOf({ parts }: Pick<Told, 'parts'>, proven: Proven): string | undefined {
  const steps = parts.extensions.map((extension) => extension.stepLeft?.(proven));
  return steps.find((step) => step !== undefined);
}
