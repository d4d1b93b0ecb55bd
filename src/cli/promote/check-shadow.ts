import { createDirectoryStore } from '../../connections/directory-store.ts';
import { loadCipher } from '../../encryption/load-cipher.ts';
import { locateGuestBuild } from '../../pool/guest-build.ts';
import type { ServiceFlags } from '../call-service.ts';
import { isAsExpected, shadowReport, urlFlag } from '../shadow.ts';
import { PromoteError } from './promote-error.ts';

/** A version that cannot be run is not worth the place of one that can. */
export async function checkScripts(name: string, dir: string): Promise<void> {
  const { modules } = await locateGuestBuild();
  const cipher = loadCipher({
    keys: process.env.DRAWBRIDGE_ENCRYPTION_KEY,
    file: process.env.DRAWBRIDGE_ENCRYPTION_KEY_FILE,
  }) ?? { decrypt: (text: string) => text };
  const store = await createDirectoryStore({ root: dir, env: process.env, modules, cipher, watch: false });
  const problems = store.problems().filter(({ connection }) => connection === name);
  const { shadow } = store.get(name) ?? {};
  await store.close();
  const broken = Object.values(shadow?.scripts ?? {}).find(({ problem }) => problem);
  if (broken) throw new PromoteError(`${broken.file} cannot be run: ${broken.problem?.message}`);
  if (shadow) return;
  const [first] = problems;
  throw new PromoteError(
    first ? `${first.file} ${first.path}: ${first.message}` : `"${name}" cannot be loaded`,
  );
}

export async function checkReport(
  connection: string,
  flags: ServiceFlags & { expect: number },
): Promise<void> {
  const report = await shadowReport(connection, flags);
  if (isAsExpected(report, flags.expect)) return;
  const counts = Object.entries(report.scripts).map(
    ([script, { compared, different }]) => `${script} ${compared} compared, ${different} different`,
  );
  throw new PromoteError(
    `the report does not speak for the new version: ${counts.join('; ') || 'no call was compared'} ` +
      `(needed: ${flags.expect} of each and no difference). See "npx drawbridge shadow report ${connection}${urlFlag(flags)}", or use --force`,
  );
}
