import { z } from 'zod';
import { UserId } from '../scripts/action-inputs.ts';

/** Any that a passkey may bring: those that are made here have 64 bytes, others are merely unknown. */
export const UserHandle = z
  .string()
  .min(1)
  .max(86)
  .regex(/^[\w-]*$/, 'must be base64url without padding')
  .meta({ description: 'A WebAuthn user handle: at most 64 bytes, as base64url without padding.' });

export const UserHandleRequest = z
  .strictObject({ user_handle: UserHandle.optional(), user_id: UserId.optional() })
  .meta({
    id: 'UserHandleRequest',
    description:
      'Neither: a new handle, bound to nobody. `user_id`: the handle of the user. `user_handle`: whose it is. Both: bind it.',
  });
export type UserHandleRequest = z.infer<typeof UserHandleRequest>;

export const UserHandleAnswer = z
  .object({
    user_handle: UserHandle,
    user_id: z.string().nullable().meta({ description: 'null while the handle is bound to nobody.' }),
  })
  .meta({ id: 'UserHandle' });
export type UserHandleAnswer = z.infer<typeof UserHandleAnswer>;
