import type { HelperFile } from '../contract/definition.ts';
import type { SourceText } from './isolate.ts';

/**
 * A helper file as a source that hands it to the context: the author's text inside Node's CommonJS wrapper, or a JSON
 * file's text. The author's lines and columns stay their own.
 */
export function wrapHelper(set: number, { file, source }: HelperFile): SourceText {
  const head = `__drawbridge_helper(${set},${JSON.stringify(file)},`;
  if (file.endsWith('.json')) return { code: `${head}${JSON.stringify(source)});0`, file };
  const opening = `${head}function(exports,require,module,__filename,__dirname){`;
  return { code: `${opening}${source}\n});0`, file, columnOffset: opening.length };
}
