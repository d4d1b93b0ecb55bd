import { LineCounter, parseDocument, type YAMLError } from 'yaml';
import { findJsonMistake, type TextMistake } from './find-json-mistake.ts';

export type ParsedText = { value: unknown } | { mistake: TextMistake };

export function parseJson(text: string): ParsedText {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { mistake: findJsonMistake(text) };
  }
}

export function parseYaml(text: string): ParsedText {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'silent' });
  const [error] = document.errors;
  if (error) return { mistake: { message: yamlMessage(error), ...place(lineCounter, error) } };
  try {
    return { value: document.toJS() };
  } catch {
    // Aliases are counted, so that a small file cannot unfold into a large one.
    return { mistake: { message: 'The YAML has aliases that cannot be resolved', line: 1, column: 1 } };
  }
}

function place(lineCounter: LineCounter, error: YAMLError): { line: number; column: number } {
  const { line, col } = lineCounter.linePos(error.pos[0]);
  return { line, column: col };
}

/** The library's messages quote the text; its codes do not. */
function yamlMessage({ code }: YAMLError): string {
  return `The YAML is not valid (${code.toLowerCase().replaceAll('_', ' ')})`;
}
