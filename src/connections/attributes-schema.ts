import { z } from 'zod';

/** Flexible identifiers: `options.attributes` as the Management API takes them. */

const signupStatus = z.enum(['required', 'optional', 'inactive']);
const verification = z.looseObject({ active: z.boolean().optional() });
const length = z.int().min(1).max(128);

const emailAttribute = z.looseObject({
  identifier: z
    .looseObject({
      active: z.boolean().optional(),
      default_method: z.enum(['password', 'email_otp']).optional(),
    })
    .optional(),
  /** The API takes a missing value for true. */
  unique: z.boolean().optional(),
  profile_required: z.boolean().optional(),
  verification_method: z.enum(['link', 'otp']).optional(),
  signup: z
    .looseObject({ status: signupStatus.optional(), verification: verification.optional() })
    .optional(),
});

const phoneNumberAttribute = z.looseObject({
  identifier: z
    .looseObject({
      active: z.boolean().optional(),
      default_method: z.enum(['password', 'phone_otp']).optional(),
    })
    .optional(),
  profile_required: z.boolean().optional(),
  signup: z
    .looseObject({ status: signupStatus.optional(), verification: verification.optional() })
    .optional(),
});

const usernameAttribute = z.looseObject({
  identifier: z
    .looseObject({ active: z.boolean().optional(), default_method: z.literal('password').optional() })
    .optional(),
  profile_required: z.boolean().optional(),
  signup: z.looseObject({ status: signupStatus.optional() }).optional(),
  validation: z
    .looseObject({
      min_length: length.optional(),
      max_length: length.optional(),
      allowed_types: z
        .looseObject({ email: z.boolean().optional(), phone_number: z.boolean().optional() })
        .optional(),
    })
    .optional(),
});

export const Attributes = z
  .strictObject({
    email: emailAttribute.optional(),
    phone_number: phoneNumberAttribute.optional(),
    username: usernameAttribute.optional(),
  })
  .superRefine((attributes, context) => {
    const { email, username } = attributes;
    const given = Object.entries(attributes).filter(([, attribute]) => attribute !== undefined);
    // The first two texts are the Management API's own.
    if (!given.some(([, attribute]) => attribute?.identifier?.active)) {
      context.addIssue({ code: 'custom', message: 'attributes must contain one active identifier' });
    }
    for (const [name, attribute] of given) {
      const status = attribute?.signup?.status;
      if (!attribute?.profile_required || status === undefined || status === 'required') continue;
      const message = `attribute ${name} must also be required on signup`;
      context.addIssue({ code: 'custom', message, path: [name, 'signup', 'status'] });
    }
    if (email?.unique === false && email.identifier?.active) {
      const message = 'an email that is not unique cannot be an active identifier';
      context.addIssue({ code: 'custom', message, path: ['email', 'unique'] });
    }
    const { min_length: min, max_length: max } = username?.validation ?? {};
    if (min !== undefined && max !== undefined && min > max) {
      const message = 'min_length is greater than max_length';
      context.addIssue({ code: 'custom', message, path: ['username', 'validation'] });
    }
  });
export type Attributes = z.infer<typeof Attributes>;
