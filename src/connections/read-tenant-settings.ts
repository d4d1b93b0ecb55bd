import { resolve } from 'node:path';
import { z } from 'zod';
import { parseJson, parseYaml } from './parse-text.ts';
import { readFileInside } from './read-file-inside.ts';
import { YAML_FILES } from './read-sources.ts';
import { createKeywordReplacer, type KeywordReplacer } from './replace-keywords.ts';

/** Settings of the tenant beside its connections, as auth0-deploy-cli exports them. Keys that are not listed are left. */
const Prompts = z.looseObject({
  universal_login_experience: z.enum(['new', 'classic']).optional(),
  identifier_first: z.boolean().optional(),
});
const Page = z.looseObject({ name: z.string().optional(), enabled: z.boolean().optional() });
const CustomDomains = z.array(
  z.looseObject({ domain: z.string(), relying_party_identifier: z.string().nullish() }),
);

const TenantYaml = z
  .looseObject({
    prompts: Prompts.nullish(),
    pages: z.array(Page).nullish(),
    customDomains: CustomDomains.nullish(),
  })
  .nullish();

interface FromFile<Value> {
  value: Value;
  /** Relative to the directory. */
  file: string;
}

export interface FoundTenantSettings {
  universalLogin?: FromFile<'new' | 'classic'>;
  identifierFirst?: FromFile<boolean>;
  customLoginPage?: FromFile<boolean>;
  customDomains?: FromFile<z.infer<typeof CustomDomains>>;
  /** Files that are there and cannot be read. */
  mistakes: { file: string; path?: string; message: string }[];
}

export interface TenantFilesOptions {
  /** The directory of connections. */
  root: string;
  env: Readonly<Record<string, string | undefined>>;
  placeholder?: ((key: string) => string) | undefined;
}

/** Reads what the directory says of its tenant; it need not say anything. */
export async function readTenantSettings(options: TenantFilesOptions): Promise<FoundTenantSettings> {
  const root = resolve(options.root);
  const replace = createKeywordReplacer(options.env, options.placeholder);
  const settings: FoundTenantSettings = { mistakes: [] };
  const read = async <Value>(file: string, schema: z.ZodType<Value>): Promise<Value | undefined> => {
    const found = await readSetting(root, file, { schema, replace });
    if (found && 'message' in found) settings.mistakes.push({ file, ...found });
    return found && 'value' in found ? found.value : undefined;
  };

  for (const file of YAML_FILES) {
    const tenant = await read(file, TenantYaml);
    addPrompts(settings, file, tenant?.prompts);
    addLoginPage(
      settings,
      file,
      tenant?.pages?.find(({ name }) => name === 'login'),
    );
    addCustomDomains(settings, file, tenant?.customDomains);
  }
  addPrompts(settings, 'prompts/prompts.json', await read('prompts/prompts.json', Prompts));
  addLoginPage(settings, 'pages/login.json', await read('pages/login.json', Page));
  const domains = 'custom-domains/custom-domains.json';
  addCustomDomains(settings, domains, await read(domains, CustomDomains));
  return settings;
}

function addPrompts(
  settings: FoundTenantSettings,
  file: string,
  prompts: z.infer<typeof Prompts> | null | undefined,
): void {
  const { universal_login_experience: experience, identifier_first: identifierFirst } = prompts ?? {};
  if (experience !== undefined) settings.universalLogin = { value: experience, file };
  if (identifierFirst !== undefined) settings.identifierFirst = { value: identifierFirst, file };
}

function addLoginPage(
  settings: FoundTenantSettings,
  file: string,
  page: z.infer<typeof Page> | undefined,
): void {
  if (page?.enabled !== undefined) settings.customLoginPage = { value: page.enabled, file };
}

function addCustomDomains(
  settings: FoundTenantSettings,
  file: string,
  domains: z.infer<typeof CustomDomains> | null | undefined,
): void {
  if (domains) settings.customDomains = { value: domains, file };
}

/** `undefined`: there is no such file, or a marker without a value stands where the setting would. */
async function readSetting<Value>(
  root: string,
  file: string,
  { schema, replace }: { schema: z.ZodType<Value>; replace: KeywordReplacer },
): Promise<{ value: Value } | { message: string; path?: string } | undefined> {
  const read = await readFileInside(root, file);
  if ('reason' in read) return read.reason === 'missing' ? undefined : { message: read.message };
  const { text, unknown } = replace(read.text);
  const parsed = file.endsWith('.json') ? parseJson(text) : parseYaml(text);
  if ('mistake' in parsed) {
    const { message, line, column } = parsed.mistake;
    return { message: `line ${line}, column ${column}: ${message}` };
  }
  const checked = schema.safeParse(parsed.value);
  if (checked.success) return { value: checked.data };
  if (unknown.length > 0) return undefined;
  const [issue] = checked.error.issues;
  const path = issue?.path.join('.') ?? '';
  return { message: issue?.message ?? 'is not as exported', ...(path === '' ? {} : { path }) };
}
