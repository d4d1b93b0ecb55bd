import { LineCounter, parseDocument, type YAMLError } from 'yaml';
import { findJsonMistake, type TextMistake } from '../find-json-mistake.ts';

export type ParsedText = { value: unknown } | { mistake: TextMistake };

/** What is nested by the thousand overflows the stack of whoever copies it. */
const DEEPEST = 100;

export function parseJson(text: string): ParsedText {
  try {
    return unlessTooDeep(JSON.parse(text));
  } catch {
    return { mistake: findJsonMistake(text) };
  }
}

export function parseYaml(text: string): ParsedText {
  const lineCounter = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'silent' });
    const [error] = document.errors;
    if (error) return { mistake: { message: yamlMessage(error), ...place(lineCounter, error) } };
    return unlessTooDeep(document.toJS());
  } catch (error) {
    if (error instanceof RangeError) return tooDeep;
    // Aliases are counted, so that a small file cannot unfold into a large one.
    return { mistake: { message: 'The YAML has aliases that cannot be resolved', line: 1, column: 1 } };
  }
}

const tooDeep: ParsedText = {
  mistake: { message: `It is nested deeper than ${DEEPEST} levels`, line: 1, column: 1 },
};

/** Level by level, each value once in each: aliases of YAML can make a value contain itself. */
function unlessTooDeep(value: unknown): ParsedText {
  let level = new Set<unknown>([value]);
  for (let depth = 0; depth <= DEEPEST; depth++) {
    const next = new Set<unknown>();
    for (const outer of level) {
      for (const inner of Object.values(outer ?? {})) if (typeof inner === 'object') next.add(inner);
    }
    if (next.size === 0) return { value };
    level = next;
  }
  return tooDeep;
}

function place(lineCounter: LineCounter, error: YAMLError): { line: number; column: number } {
  const { line, col } = lineCounter.linePos(error.pos[0]);
  return { line, column: col };
}

/** The library's messages quote the text; its codes do not. */
function yamlMessage({ code }: YAMLError): string {
  return `The YAML is not valid (${code.toLowerCase().replaceAll('_', ' ')})`;
}
