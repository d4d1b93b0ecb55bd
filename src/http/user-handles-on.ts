import { ServiceError } from '../errors.ts';
import type { UserHandles } from '../user-handles/user-handles.ts';

/** Throws user_handles_off. */
export function userHandlesOn({ userHandles }: { userHandles?: UserHandles | undefined }): UserHandles {
  if (userHandles) return userHandles;
  throw new ServiceError('user_handles_off', {
    detail:
      'The service has no file to keep user handles in: start it with --user-handles-file or set DRAWBRIDGE_USER_HANDLES_FILE',
  });
}
