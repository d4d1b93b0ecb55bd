import { broken } from '../../login/failures.ts';
import type { Proven } from '../../login/logins.ts';
import type { Extension, LoginRequest, Parts, Refusal } from '../../parts.ts';
import { judgeLogin, type PostLoginOptions } from './judge-login.ts';
import { createOneTimeCodes, type OneTimeCodes } from './one-time-codes.ts';
import { createSecondFactor, path } from './second-factor.ts';

export interface PostLogin extends Extension {
  /** For whatever else takes codes. */
  codes: OneTimeCodes;
}

/** What happens between the first factor and the tokens: a hook may deny the login, a second factor may be demanded. */
export function createPostLogin(parts: Parts, options: PostLoginOptions): PostLogin {
  const codes = createOneTimeCodes(parts);
  return {
    codes,
    addRoutes: ({ at }) => at(path, createSecondFactor(codes)),
    async admit(request: LoginRequest, proven: Proven): Promise<Refusal | undefined> {
      try {
        const { denied, isSecondFactorDemanded } = await judgeLogin(request, proven, options);
        if (isSecondFactorDemanded) codes.demand(proven);
        if (denied === undefined) return undefined;
        return { code: 'access_denied', message: denied, status: 403, isForApplication: true };
      } catch (error) {
        parts.onFault(error);
        return { code: 'hook_failed', message: broken, status: 500 };
      }
    },
    stepLeft: (proven) => (codes.isDue(proven) ? path : undefined),
  };
}
