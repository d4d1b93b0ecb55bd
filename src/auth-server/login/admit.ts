import type { ConnectionSettings, User } from '../bridge/bridge-client.ts';
import type { ClientSettings } from '../settings.ts';
import { blocked } from './say-failure.ts';
import type { Told } from './tell.ts';

/** A Visit, or a call of an application's own. */
export type By = Told & { client: ClientSettings; connection: ConnectionSettings };

export interface Method {
  /** As the ID token's `amr` has them (RFC 8176); `phr` is a passkey. */
  name: 'pwd' | 'phr' | 'otp';
  /** A passkey on another device answered: a phone beside a desktop. */
  isCrossDevice?: boolean;
}

/** Who it is, as the user store said within this login, and how that was proven. Made anew with each first factor. */
export interface Proven {
  readonly user: User;
  readonly methods: Method[];
  /** The offer of a passkey was answered. */
  isEnrollmentOver?: boolean;
}

/** Why nobody is let in. */
export interface Refusal {
  code: string;
  message: string;
  status: number;
  /** The application hears of it, instead of the user. */
  isForApplication?: boolean;
}

/** Whether the user of a first factor is let in. */
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
