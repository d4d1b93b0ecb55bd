import { ServiceError } from '../errors.ts';

export function userHandleNotFound(): ServiceError {
  return new ServiceError('user_handle_not_found', {
    detail:
      'This connection has no such user handle: it is of another connection, of a deleted user, or was not bound within 24 hours',
  });
}

export function userHandleTaken(detail: string): ServiceError {
  return new ServiceError('user_handle_taken', { detail });
}
