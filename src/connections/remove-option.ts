import { isMap, isScalar, type Pair, parseDocument } from 'yaml';
import { withoutSigns } from './find-configuration-values.ts';

/**
 * The text of a `database.json` without one key of `options`, everything else as it was; undefined where the text
 * cannot be read, or has no such key. JSON is read as the YAML that it is, for the sake of the offsets.
 */
export function removeOption(text: string, name: string): string | undefined {
  const document = parseDocument(withoutSigns(text), { uniqueKeys: false, logLevel: 'silent' });
  if (document.errors.length > 0 || !isMap(document.contents)) return undefined;
  const options = document.contents.get('options');
  if (!isMap(options)) return undefined;
  const index = options.items.findIndex(({ key }) => isScalar(key) && key.value === name);
  if (index === -1) return undefined;
  const [pair, before, after] = [options.items[index]!, options.items[index - 1], options.items[index + 1]];
  // With the comma that parts it from what comes after, or else from what comes before.
  if (after) return text.slice(0, startOf(pair)) + text.slice(startOf(after));
  if (before) return text.slice(0, endOf(before)) + text.slice(endOf(pair));
  return text.slice(0, startOf(pair)) + text.slice(endOf(pair));
}

function startOf({ key }: Pair<unknown, unknown>): number {
  return (key as { range: [number, number, number] }).range[0];
}

function endOf({ value, key }: Pair<unknown, unknown>): number {
  return ((value ?? key) as { range: [number, number, number] }).range[1];
}
