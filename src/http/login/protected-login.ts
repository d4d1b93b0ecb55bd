import { serviceErrorFrom } from '../problem.ts';
import type { LoginAttempt, LoginProtection } from './login-protection.ts';

/** A login beside those of the login endpoint, which counts with them: a password can be guessed here, too. */
export async function protectedLogin<Result>(
  logins: LoginProtection,
  attempt: LoginAttempt,
  run: () => Promise<Result>,
): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  // Whoever waits for the attempt hears of it below.
  promise.catch(() => {});
  // The protection reads codes alone; the answer is another's.
  const answer = { status: 200, headers: {} };
  await logins.attempt(attempt, async () => {
    try {
      resolve(await run());
      return { answer };
    } catch (error) {
      reject(error);
      return { answer, code: serviceErrorFrom(error).code };
    }
  });
  return promise;
}
