import { failedBy, unknown, type Verdict } from '../verdict.ts';
import { relyingPartyMistake } from './relying-party.ts';
import type { CustomDomain, FromFile, TenantSettings } from './settings.ts';
import type { SettingsCode } from './settings-codes.ts';

type TenantCode = Extract<
  SettingsCode,
  | 'classic_login'
  | 'identifier_first_off'
  | 'custom_login_page_on'
  | 'custom_domain_missing'
  | 'relying_party_mismatch'
  | 'tenant_file_broken'
>;

/** What no file says is unknown: the directory need not be a whole tenant. */
export function checkTenant(tenant: TenantSettings): Record<TenantCode, Verdict> {
  const { universalLogin, identifierFirst, customLoginPage, customDomains } = tenant;
  return {
    classic_login: judge(universalLogin, 'prompts/prompts.json', ({ value, file }) =>
      value === 'classic'
        ? [{ file, path: 'universal_login_experience', message: 'universal_login_experience is "classic"' }]
        : [],
    ),
    identifier_first_off: judge(identifierFirst, 'prompts/prompts.json', ({ value, file }) =>
      value ? [] : [{ file, path: 'identifier_first', message: 'identifier_first is false' }],
    ),
    custom_login_page_on: judge(customLoginPage, 'pages/login.json', ({ value, file }) =>
      value ? [{ file, path: 'enabled', message: 'The page named login is enabled' }] : [],
    ),
    custom_domain_missing: judge(customDomains, 'custom-domains/custom-domains.json', ({ value, file }) =>
      value.length > 0 ? [] : [{ file, message: 'It names no custom domain' }],
    ),
    relying_party_mismatch: judge(customDomains, 'custom-domains/custom-domains.json', relyingParties),
    tenant_file_broken: failedBy([...(tenant.mistakes ?? [])]),
  };
}

function relyingParties({ value, file }: FromFile<readonly CustomDomain[]>) {
  return value.flatMap(({ domain, relying_party_identifier: identifier }, index) => {
    const mistake = identifier == null ? undefined : relyingPartyMistake(identifier, domain);
    if (mistake === undefined) return [];
    const message = `The identifier ${JSON.stringify(identifier)} of ${domain} ${mistake}`;
    return [{ file, path: `[${index}].relying_party_identifier`, message }];
  });
}

type Found = { file: string; path?: string; message: string }[];

function judge<Value>(
  setting: FromFile<Value> | undefined,
  usualFile: string,
  find: (setting: FromFile<Value>) => Found,
): Verdict {
  return setting ? failedBy(find(setting)) : unknown(`the directory has no ${usualFile} that says so`);
}
