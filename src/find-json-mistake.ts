/** 1-based. Messages hold nothing of the text: it may hold secrets. */
export interface TextMistake {
  message: string;
  line: number;
  column: number;
}

const space = /[ \t\r\n]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not hold them (RFC 8259, section 7)
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * Where a text stops being JSON. V8 names the place for some mistakes only and quotes the text, secrets included.
 * Every offset before the mistake is read once.
 */
export function findJsonMistake(text: string): TextMistake {
  const { offset, message } = scan(text);
  const before = text.slice(0, offset).split('\n');
  return { message, line: before.length, column: before.at(-1)!.length + 1 };
}

type State = 'value' | 'value or end' | 'key' | 'key or end' | 'after';

function scan(text: string): { offset: number; message: string } {
  const open: ('{' | '[')[] = [];
  let state: State = 'value';
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  for (;;) {
    take(space);
    const next = text[at];
    if (next === undefined) return { offset: at, message: 'The JSON ends too early' };
    if (state === 'after') {
      const container = open.at(-1);
      if (container === undefined) return { offset: at, message: 'Nothing may follow the JSON value' };
      const closing = container === '{' ? '}' : ']';
      at += 1;
      if (next === ',') state = container === '{' ? 'key' : 'value';
      else if (next === closing) open.pop();
      else return { offset: at - 1, message: `Expected ',' or '${closing}' in the JSON` };
    } else if (state === 'key' || state === 'key or end') {
      if (state === 'key or end' && next === '}') {
        at += 1;
        open.pop();
        state = 'after';
        continue;
      }
      if (!take(string))
        return { offset: at, message: 'Expected a property name in double quotes in the JSON' };
      take(space);
      if (text[at] !== ':') return { offset: at, message: "Expected ':' after a property name in the JSON" };
      at += 1;
      state = 'value';
    } else if (state === 'value or end' && next === ']') {
      at += 1;
      open.pop();
      state = 'after';
    } else if (next === '{' || next === '[') {
      at += 1;
      open.push(next);
      state = next === '{' ? 'key or end' : 'value or end';
    } else if (take(string) || take(scalar)) state = 'after';
    else return { offset: at, message: 'Expected a value in the JSON' };
  }
}
