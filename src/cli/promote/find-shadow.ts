import { type ConnectionSource, readSources } from '../../connections/read-sources.ts';
import { createKeywordReplacer } from '../../connections/replace-keywords.ts';
import { ShadowOptions } from '../../connections/shadow-schema.ts';
import { PromoteError } from './promote-error.ts';

export async function findShadow(
  name: string,
  dir: string,
): Promise<{ source: ConnectionSource; shadow: ShadowOptions }> {
  const sources = await readSources(dir, createKeywordReplacer(process.env));
  if (!sources)
    throw new PromoteError(`there is no directory ${dir}; say with --dir where the connections are`);
  const nameOf = ({ value }: ConnectionSource) => (value as { name?: unknown } | null)?.name;
  const source = sources.connections.find((each) => nameOf(each) === name);
  if (!source) {
    const names = sources.connections.map(nameOf).filter((each) => typeof each === 'string');
    throw new PromoteError(`${dir} has no connection "${name}"; it has ${names.sort().join(', ') || 'none'}`);
  }
  const { options } = source.value as { options?: { shadow?: unknown } };
  const shadow = ShadowOptions.safeParse(options?.shadow);
  if (shadow.success) return { source, shadow: shadow.data };
  throw new PromoteError(
    options?.shadow == null
      ? `${source.file} has no options.shadow, so there is nothing to promote; write "shadow": { "dir": "./next" } into its options and put the new scripts there`
      : `options.shadow of ${source.file} is wrong: ${shadow.error.issues[0]?.message}`,
  );
}
