import { z } from 'zod';
import type { Extend } from '../parts.ts';
import { fields, parseSettings, secret } from '../settings.ts';
import { createAdmin } from './admin/admin.ts';
import { createAdmins } from './admin/admins.ts';
import { createNativeCalls } from './native/native-calls.ts';
import { createOrganizations, OrganizationSettings } from './organizations/organizations.ts';
import { createPostLogin } from './post-login/post-login.ts';
import type { PostLoginHook } from './post-login/post-login-hook.ts';

const ExtensionSettings = fields({
  organizations: z.array(OrganizationSettings).default([]),
  /** Of the panel, `GET /v1/events` and `POST /v1/invitations`; without it there are none of these. */
  adminPassword: secret.optional(),
  /** Whether a second factor is demanded. `connection`: where the connection's `mfa.active` says so. */
  secondFactor: z.enum(['never', 'always', 'connection']).default('connection'),
  /** Runs at each login after the first factor, as Auth0's post-login Actions do. */
  onPostLogin: z
    .custom<PostLoginHook>((value) => typeof value === 'function', 'must be a function (event, api) => {}')
    .optional(),
});

/** Everything that there is beside passkeys. Throws SettingsError for settings that are not valid. */
export function allExtensions(settings: z.input<typeof ExtensionSettings> = {}): Extend {
  const { organizations, adminPassword, secondFactor, onPostLogin } = parseSettings(
    ExtensionSettings,
    settings,
  );
  return (parts) => {
    const admins = adminPassword && createAdmins(adminPassword, parts.now);
    const postLogin = createPostLogin(parts, { secondFactor, onPostLogin });
    return [
      createOrganizations(parts, { organizations, admins }),
      postLogin,
      createNativeCalls(parts, { organizations, codes: postLogin.codes }),
      createAdmin(parts, admins),
    ];
  };
}
