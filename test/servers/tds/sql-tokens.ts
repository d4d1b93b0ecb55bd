/** The words of a T-SQL text: comments and spaces are left out. */
export interface SqlToken {
  /** As it was written; a bracketed or quoted name still has its marks. */
  text: string;
  /** Upper case, for words; the text itself otherwise. */
  word: string;
  /** Whether a new line begins before it. */
  newLine: boolean;
}

const pattern =
  /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|N?'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"|@@?\w+|[A-Za-z_#][\w$#]*|0x[0-9a-f]*|\d+(?:\.\d+)?|<>|<=|>=|!=|\|\||[^\s]/gi;

export function tokenizeSql(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let newLine = true;
  for (const match of sql.matchAll(pattern)) {
    const [text] = match;
    if (match.groups?.space !== undefined) {
      newLine ||= text.includes('\n');
      continue;
    }
    tokens.push({ text, word: /^[A-Za-z_@#]/.test(text) ? text.toUpperCase() : text, newLine });
    newLine = false;
  }
  return tokens;
}

/** How deep in parentheses each token stands; the parentheses themselves count as outside. */
export function depths(tokens: SqlToken[]): number[] {
  let depth = 0;
  return tokens.map(({ text }) => {
    if (text === ')') depth -= 1;
    const here = depth;
    if (text === '(') depth += 1;
    return here;
  });
}

export const plainToken = (text: string): SqlToken => ({ text, word: text.toUpperCase(), newLine: false });

export const sqlOf = (tokens: SqlToken[]) => tokens.map(({ text }) => text).join(' ');

/** A name without its brackets or quotation marks. */
export const nameOf = (text: string) => text.replace(/^[[\]"]|[\]"]$/g, '').replaceAll(']]', ']');
