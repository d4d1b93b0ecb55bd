import { z } from 'zod';
import { type ActionName, actionNames } from '../../sandbox/contract/actions.ts';
import { Attributes } from './attributes-schema.ts';
import { EgressOptions } from './egress-schema.ts';
import { ShadowOptions } from './shadow-schema.ts';

/**
 * A connection of strategy `auth0` as the Management API takes it and its export tools write it. Keys that are not
 * listed are kept. `null` is taken wherever the API may answer it; it means the same as leaving the key out.
 */

const flag = z.boolean().nullish();

const usernameRange = z
  .looseObject({ min: z.int().min(1).max(128), max: z.int().min(1).max(128) })
  .refine(({ min, max }) => min <= max, { message: 'min is greater than max' });

const optionShape = {
  enabledDatabaseCustomization: flag,
  import_mode: flag,
  enable_script_context: flag,
  requires_username: flag,
  validation: z.looseObject({ username: usernameRange.nullish() }).nullish(),
  attributes: Attributes.nullish(),
  precedence: z
    .array(z.enum(['email', 'phone_number', 'username']))
    .length(3)
    .refine((names) => new Set(names).size === names.length, { message: 'each identifier may stand once' })
    .nullish(),
  authentication_methods: z
    .looseObject({
      password: z
        .looseObject({
          enabled: z.boolean().optional(),
          api_behavior: z.enum(['required', 'optional']).optional(),
          signup_behavior: z.enum(['allow', 'block']).optional(),
        })
        .refine((password) => password.signup_behavior !== 'block' || password.api_behavior === 'optional', {
          message: 'signup_behavior block needs api_behavior optional',
        })
        .nullish(),
      passkey: z.looseObject({ enabled: z.boolean().optional() }).nullish(),
      email_otp: z.looseObject({ enabled: z.boolean().optional() }).nullish(),
      phone_otp: z.looseObject({ enabled: z.boolean().optional() }).nullish(),
    })
    .nullish(),
  passkey_options: z
    .looseObject({
      challenge_ui: z.enum(['both', 'autofill', 'button']).nullish(),
      progressive_enrollment_enabled: flag,
      local_enrollment_enabled: flag,
    })
    .nullish(),
  disable_signup: flag,
  disable_self_service_change_password: flag,
  brute_force_protection: flag,
  realm_fallback: flag,
  mfa: z.looseObject({ active: flag, return_enroll_settings: flag }).nullish(),
  passwordPolicy: z.enum(['none', 'low', 'fair', 'good', 'excellent']).nullish(),
  password_options: z.looseObject({}).nullish(),
  non_persistent_attrs: z.array(z.string().max(255)).max(96).nullish(),
  set_user_root_attributes: z.enum(['on_each_login', 'on_first_login', 'never_on_login']).nullish(),
  /** Drawbridge's own: whether executions share a context with its `global`, each gets a fresh one, or the connection has a process. */
  isolation: z.enum(['connection', 'execution', 'process']).nullish(),
  /** Drawbridge's own: whether executions that fail are kept as redacted fixtures, for a while. */
  recording: flag,
  /** Drawbridge's own: where scripts may go, within what the operator allows. */
  egress: EgressOptions.nullish(),
  /** Drawbridge's own: a new version of the read-only scripts, run beside the one that is served. */
  shadow: ShadowOptions.nullish(),
  /**
   * Drawbridge's own: codes of docs/passkey-readiness.md that do not count here, each with the reason. What is wrong in
   * here is said by the check: it is no reason not to serve the connection.
   */
  passkey_readiness: z
    .looseObject({ ignore: z.record(z.string(), z.string().catch('')).nullish() })
    .nullish(),
};

type OptionRules = { attributes?: unknown; requires_username?: unknown; validation?: unknown };

/** Both texts are the Management API's own; `requires_username: false` beside attributes is accepted there. */
function refuseBothModes(options: OptionRules, context: z.RefinementCtx): void {
  if (!options.attributes) return;
  if (options.requires_username === true) {
    const message = 'Cannot set both options.attributes and options.requires_username';
    context.addIssue({ code: 'custom', message, path: ['requires_username'] });
  }
  if (options.validation) {
    const message = 'Cannot set both options.attributes and options.validation';
    context.addIssue({ code: 'custom', message, path: ['validation'] });
  }
}

/** Options without scripts and configuration: what may be shown to whoever may read connections. */
export const ConnectionOptions = z.looseObject(optionShape).superRefine(refuseBothModes);
export type ConnectionOptions = z.infer<typeof ConnectionOptions>;

const scriptPath = z
  .string()
  .min(1, { message: 'must not be empty; leave the key out to have no such script' });

const CustomScripts = z.looseObject(
  Object.fromEntries(actionNames.map((name) => [name, scriptPath.optional()])) as Record<
    ActionName,
    z.ZodOptional<typeof scriptPath>
  >,
);

/** A value that is no string is a mistake; it is told by its type alone, since it may be a secret all the same. */
const Configuration = z.record(
  z.string(),
  z.string({ error: (issue) => `must be a string, not ${typeName(issue.input)}; put it in quotes` }),
);

export const ConnectionFile = z
  .looseObject({
    name: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$/, {
        message: 'may hold letters, digits and single dashes between them',
      }),
    strategy: z.literal('auth0').optional(),
    display_name: z.string().min(1).max(128).nullish(),
    realms: z.array(z.string()).max(10).nullish(),
    is_domain_connection: flag,
    metadata: z.record(z.string(), z.string().max(255).nullable()).nullish(),
    enabled_clients: z.array(z.string()).nullish(),
    options: z
      .looseObject({
        ...optionShape,
        customScripts: CustomScripts.nullish(),
        configuration: Configuration.nullish(),
      })
      .superRefine(refuseBothModes)
      .nullish(),
    /** Where older exports have them; options.customScripts wins. */
    customScripts: CustomScripts.nullish(),
  })
  .superRefine(({ metadata }, context) => {
    if (metadata && Object.keys(metadata).length > 10) {
      context.addIssue({ code: 'custom', message: 'may have 10 keys at most', path: ['metadata'] });
    }
  });
export type ConnectionFile = z.infer<typeof ConnectionFile>;

/** The dashboard stops at 35, the API at 128. */
export const LONG_NAME = 35;

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
