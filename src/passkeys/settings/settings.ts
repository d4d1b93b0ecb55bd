import type { ActionName } from '../../../sandbox/contract/actions.ts';

/** What the checks read of a connection's options; see connection-schema.ts for all there are. */
export interface PasskeyOptions {
  enabledDatabaseCustomization?: boolean | null | undefined;
  import_mode?: boolean | null | undefined;
  enable_script_context?: boolean | null | undefined;
  requires_username?: boolean | null | undefined;
  disable_signup?: boolean | null | undefined;
  attributes?: PasskeyAttributes | null | undefined;
  authentication_methods?:
    | { password?: Method | null | undefined; passkey?: Method | null | undefined }
    | null
    | undefined;
  passkey_options?:
    | {
        progressive_enrollment_enabled?: boolean | null | undefined;
        local_enrollment_enabled?: boolean | null | undefined;
      }
    | null
    | undefined;
  /** Drawbridge's own. */
  passkey_readiness?: { ignore?: Readonly<Record<string, string>> | null | undefined } | null | undefined;
}

interface Method {
  enabled?: boolean | undefined;
}

interface Attribute {
  identifier?: { active?: boolean | undefined } | undefined;
  signup?:
    | { status?: string | undefined; verification?: { active?: boolean | undefined } | undefined }
    | undefined;
}

export interface PasskeyAttributes {
  email?: (Attribute & { verification_method?: string | undefined }) | undefined;
  phone_number?: Attribute | undefined;
  username?: Attribute | undefined;
}

export interface CheckedScript {
  /** As in stacks: `acme/get_user.js`. */
  file: string;
  /** Why it cannot be run, where it cannot. */
  problem?: { message: string; file?: string; line?: number } | undefined;
  /** Of one that cannot be run, where it could be read at least. */
  source?: string | undefined;
}

/** A setting of the tenant with the file it is from, relative to the directory. */
export interface FromFile<Value> {
  value: Value;
  file: string;
}

export interface CustomDomain {
  domain: string;
  relying_party_identifier?: string | null | undefined;
}

/** Settings of the tenant that passkeys depend on; what no file says is left out. */
export interface TenantSettings {
  universalLogin?: FromFile<'new' | 'classic'>;
  identifierFirst?: FromFile<boolean>;
  customLoginPage?: FromFile<boolean>;
  customDomains?: FromFile<readonly CustomDomain[]>;
  /** Files that are there and cannot be read. */
  mistakes?: readonly { file: string; path?: string; message: string }[];
}

export interface SettingsInput {
  /** What findings name: `acme/database.json`. */
  file: string;
  options: PasskeyOptions;
  scripts: Partial<Record<ActionName, CheckedScript>>;
  tenant: TenantSettings;
}

/**
 * Where users are. `server`: the auth server keeps them, no script is run. `importing`: it takes them over at their
 * first login. `own`: they stay in the tenant's own store.
 */
export function storeOf(options: PasskeyOptions): 'server' | 'importing' | 'own' {
  if (options.enabledDatabaseCustomization !== true) return 'server';
  return options.import_mode === true ? 'importing' : 'own';
}

export function passkeysWanted(options: PasskeyOptions): boolean {
  return options.authentication_methods?.passkey?.enabled === true;
}
