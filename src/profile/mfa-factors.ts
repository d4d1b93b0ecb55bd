import { z } from 'zod';
import { isEmail } from './email.ts';
import type { Findings } from './findings.ts';
import { isPhoneNumber } from './phone-number.ts';

/** The bulk import schema's `mfa_factors`: one to ten objects, each with one factor. */
const MfaFactors = z
  .array(
    z
      .strictObject({
        totp: z.strictObject({ secret: z.string().regex(/^[A-Z2-7]+$/) }).optional(),
        phone: z.strictObject({ value: z.string().refine(isPhoneNumber) }).optional(),
        email: z.strictObject({ value: z.string().refine(isEmail) }).optional(),
      })
      .refine((factor) => Object.keys(factor).length <= 1),
  )
  .min(1)
  .max(10);

/** Only worth a warning: factors that are not understood are left aside, and the login itself is sound. */
export function adviseMfaFactors(factors: unknown, findings: Findings): void {
  if (factors === undefined) return;
  const parsed = MfaFactors.safeParse(factors);
  if (parsed.success) return;
  for (const issue of parsed.error.issues)
    findings.warn(
      ['mfa_factors', ...issue.path.map(String)].join('.'),
      'mfa_factors_malformed',
      'mfa_factors cannot be imported as it is. Return 1 to 10 objects, each with one of ' +
        '{ totp: { secret: base32 } }, { phone: { value: "+4930123456" } }, { email: { value: "jane@example.com" } }.',
    );
}
