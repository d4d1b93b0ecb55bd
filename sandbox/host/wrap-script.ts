import type { ScriptDefinition } from '../contract/definition.ts';
import type { SourceText } from './isolate.ts';

/** What is put in front of a statement that is the entry, so that the wrapper can answer it. */
const EXPORT = 'module.exports=';

/**
 * The author's source inside one function, like Node's CommonJS wrapper, that answers the entry. Lines stay the
 * author's: what is put in front stands on the first line and is taken off its columns.
 */
export function wrapScript({ action, file, source, entry, helpers }: ScriptDefinition): SourceText {
  const head = `__drawbridge_script(${JSON.stringify(action)},function(exports,require,module,__filename,__dirname){`;
  const tail = `}${helpers ? `,${helpers.set},${JSON.stringify(helpers.from)}` : ''});0`;
  switch (entry.form) {
    case 'declared':
      return text(head, source, `\nreturn typeof ${entry.name}==='undefined'?undefined:${entry.name}${tail}`);
    case 'exports': {
      const member = entry.key === undefined ? '' : `[${JSON.stringify(entry.key)}]`;
      return text(head, source, `\nreturn module.exports${member}${tail}`);
    }
    case 'expression':
      return text(`${head}return (`, source, `\n)${tail}`);
    case 'statement': {
      const before = source.slice(0, entry.offset);
      return text(head, `${before}${EXPORT}${source.slice(entry.offset)}`, `\nreturn module.exports${tail}`);
    }
    default:
      return entry satisfies never;
  }

  function text(before: string, body: string, after: string): SourceText {
    return { code: before + body + after, file, columnOffset: before.length };
  }
}

/** Takes the inserted text off the columns of a stack frame or place on the line it was inserted in. */
export function createColumnCorrection({ file, source, entry }: ScriptDefinition) {
  if (entry.form !== 'statement') return { column: same, frame: (frame: string) => frame };
  const before = source.slice(0, entry.offset);
  const line = before.split('\n').length;
  const from = entry.offset - (before.lastIndexOf('\n') + 1) + 1;
  const column = (atLine: number, atColumn: number): number =>
    atLine === line && atColumn > from ? Math.max(from, atColumn - EXPORT.length) : atColumn;
  const frame = (text: string): string =>
    text.replace(/^(.*?)([^\s()]+):(\d+):(\d+)(\)?)$/, (whole, head, where, atLine, atColumn, end) =>
      where === file ? `${head}${where}:${atLine}:${column(Number(atLine), Number(atColumn))}${end}` : whole,
    );
  return { column, frame };
}

const same = (_line: number, column: number): number => column;
