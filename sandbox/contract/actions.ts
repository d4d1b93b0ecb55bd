/** The nine database action scripts, named by the keys of `options.customScripts`. */
export const actionNames = [
  'login',
  'get_user',
  'create',
  'verify',
  'delete',
  'change_password',
  'change_email',
  'change_username',
  'change_phone_number',
] as const;

export type ActionName = (typeof actionNames)[number];
