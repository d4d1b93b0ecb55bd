import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** A configuration value where it stands in the text of a file. */
export interface ValueInText {
  connection: string;
  key: string;
  /** Markers (`@@KEY@@`, `##KEY##`) are not replaced. */
  value: string;
  /** Whether a marker is in it: then the value itself is not in the file. */
  hasMarker: boolean;
  /** Offsets into the text: what a new value takes the place of. */
  start: number;
  end: number;
}

export interface ValuesInText {
  values: ValueInText[];
  /** What cannot be read or told apart, by line; holds nothing of a value. */
  mistakes: string[];
}

const marker = /(@@)([\w.-]+)(@@)|(##)([\w.-]+)(##)/g;
const hasMarker = (text: string) => new RegExp(marker).test(text);

/** An unquoted `@@KEY@@` is neither JSON nor YAML; with letters in place of its signs it is, at the same offsets. */
export const withoutSigns = (text: string) => text.replace(marker, (whole) => `__${whole.slice(2, -2)}__`);

/**
 * Finds the values of `options.configuration` in the text of a `database.json` or a `tenant.yaml`. JSON is read as the
 * YAML that it is, for the sake of the offsets.
 */
export function findConfigurationValues(text: string, format: 'json' | 'yaml'): ValuesInText {
  const lineCounter = new LineCounter();
  const document = parseDocument(withoutSigns(text), {
    lineCounter,
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
  });
  const lineAt = (offset: number) => lineCounter.linePos(offset).line;
  const [error] = document.errors;
  if (error) return { values: [], mistakes: [`line ${lineAt(error.pos[0])}: cannot be read`] };
  const found: ValuesInText = { values: [], mistakes: [] };
  const root = document.contents;
  const databases = format === 'json' ? [root] : itemsOf(child(root, 'databases'));
  for (const database of databases) collect(database);
  return found;

  function collect(database: unknown): void {
    const configuration = child(child(database, 'options'), 'configuration');
    if (configuration === undefined || (isScalar(configuration) && configuration.value === null)) return;
    const nameNode = child(database, 'name');
    const connection = isScalar(nameNode) ? nameNode.value : undefined;
    if (typeof connection !== 'string' || hasMarker(sliceOf(nameNode))) {
      return mistake(database, 'encryption is bound to the name of the connection, which is not in the file');
    }
    if (!isMap(configuration)) return mistake(configuration, 'configuration is not written out here');
    for (const { key, value } of configuration.items) {
      const name = isScalar(key) ? String(key.value) : '';
      const [start, end] = (value as Node | null)?.range ?? [0, 0];
      if (!isScalar(value) || value.anchor !== undefined) {
        mistake(value ?? key, `the value of ${connection} ${name} is not written out here`);
      } else if (hasMarker(text.slice(start, end))) {
        const inText = text.slice(start, end);
        found.values.push({ connection, key: name, value: inText, hasMarker: true, start, end });
      } else if (typeof value.value !== 'string') {
        mistake(value, `the value of ${connection} ${name} is not a string; put it in quotes`);
      } else {
        found.values.push({ connection, key: name, value: value.value, hasMarker: false, start, end });
      }
    }
  }

  function sliceOf(node: unknown): string {
    const [start, end] = (node as Node).range ?? [0, 0];
    return text.slice(start, end);
  }

  function mistake(node: unknown, message: string): void {
    const offset = (node as Node | undefined)?.range?.[0] ?? 0;
    found.mistakes.push(`line ${lineAt(offset)}: ${message}`);
  }
}

/** The last of several keys of one name, as JSON has it. */
function child(node: unknown, name: string): unknown {
  if (!isMap(node)) return isAlias(node) ? node : undefined;
  const pair = node.items.findLast(({ key }) => isScalar(key) && key.value === name);
  return pair === undefined ? undefined : pair.value;
}

function itemsOf(node: unknown): readonly unknown[] {
  return isSeq(node) ? node.items : [];
}

/** The text with values replaced; each stands in quotes, which both formats read alike. */
export function replaceValues(
  text: string,
  replacements: readonly { at: ValueInText; value: string }[],
): string {
  const backwards = [...replacements].sort((one, other) => other.at.start - one.at.start);
  return backwards.reduce((changed, { at: { start, end }, value }) => {
    // A block scalar ends with its line.
    const lineEnd = text.slice(start, end).endsWith('\n') ? '\n' : '';
    return `${changed.slice(0, start)}${JSON.stringify(value)}${lineEnd}${changed.slice(end)}`;
  }, text);
}
