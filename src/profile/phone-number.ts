import { coded, textField } from './text-field.ts';

const advice =
  'Return it in E.164: + and country code and number, at most 15 digits, no spaces or dashes, as a string like "+4930123456"; or leave phone_number out.';

/** ITU-T E.164 §6.2.1: at most 15 digits; the leading + is how the users API wants it. */
const e164 = /^\+[0-9]{1,15}$/;

export const phoneNumberSchema = textField('phone_number', advice).refine(
  isPhoneNumber,
  coded('phone_number_malformed', `phone_number is not in E.164. ${advice}`),
);

export function isPhoneNumber(value: string): boolean {
  return e164.test(value);
}
