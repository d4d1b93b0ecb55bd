import { failedBy, type Verdict } from '../verdict.ts';
import { type PasskeyAttributes, passkeysWanted, type SettingsInput, storeOf } from './settings.ts';
import type { SettingsCode } from './settings-codes.ts';

type OptionCode = Extract<
  SettingsCode,
  | 'passkey_method_off'
  | 'password_method_off'
  | 'own_database_off'
  | 'context_object_off'
  | 'username_required'
  | 'username_only'
  | 'signup_disabled'
  | 'signup_verified_by_code'
  | 'progressive_enrollment_off'
  | 'local_enrollment_off'
>;

export function checkOptions({ file, options, scripts }: SettingsInput): Record<OptionCode, Verdict> {
  const store = storeOf(options);
  const { attributes, authentication_methods: methods, passkey_options: passkey } = options;
  const at = (path: string, message: string) => ({ file, path: `options.${path}`, message });
  /** Fails with the message where `wrong` holds. */
  const unless = (wrong: boolean, path: string, message: string): Verdict =>
    failedBy(wrong ? [at(path, message)] : []);
  const off = (path: string, value: boolean | null | undefined): Verdict =>
    unless(value === false, path, `${path} is false`);

  return {
    passkey_method_off: unless(
      !passkeysWanted(options),
      'authentication_methods.passkey.enabled',
      `authentication_methods.passkey.enabled is ${methods?.passkey?.enabled ?? 'not set, which means false'}`,
    ),
    password_method_off: off('authentication_methods.password.enabled', methods?.password?.enabled),
    own_database_off: unless(
      store === 'server' && Object.keys(scripts).length > 0,
      'enabledDatabaseCustomization',
      `enabledDatabaseCustomization is not true, and there are scripts: ${Object.keys(scripts).join(', ')}`,
    ),
    context_object_off: unless(
      store === 'own' && options.enable_script_context !== true,
      'enable_script_context',
      'enable_script_context is not true, while users stay in a database of their own (import_mode is off)',
    ),
    username_required: unless(
      options.requires_username === true && !attributes,
      'requires_username',
      'requires_username is true, and there are no options.attributes',
    ),
    username_only: failedBy(
      attributes && onlyUsername(attributes)
        ? [at('attributes', 'username is the only active identifier')]
        : [],
    ),
    signup_disabled: unless(options.disable_signup === true, 'disable_signup', 'disable_signup is true'),
    signup_verified_by_code: failedBy(
      verifiedByCode(attributes ?? {}).map((name) =>
        at(
          `attributes.${name}.signup.verification.active`,
          `${name} is verified by a code when a user signs up`,
        ),
      ),
    ),
    progressive_enrollment_off: off(
      'passkey_options.progressive_enrollment_enabled',
      passkey?.progressive_enrollment_enabled,
    ),
    local_enrollment_off: off('passkey_options.local_enrollment_enabled', passkey?.local_enrollment_enabled),
  };
}

function onlyUsername({ email, phone_number, username }: PasskeyAttributes): boolean {
  const active = [email, phone_number].some((attribute) => attribute?.identifier?.active === true);
  return !active && username?.identifier?.active === true;
}

/** A phone number is always verified by a code, an email by a link unless it says otherwise. */
function verifiedByCode({ email, phone_number: phone }: PasskeyAttributes): string[] {
  const asks = (attribute: PasskeyAttributes['phone_number']) =>
    attribute?.signup?.verification?.active === true && attribute.signup.status !== 'inactive';
  return [
    ...(asks(email) && email?.verification_method === 'otp' ? ['email'] : []),
    ...(asks(phone) ? ['phone_number'] : []),
  ];
}
