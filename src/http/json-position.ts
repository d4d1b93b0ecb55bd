/** 1-based. */
export interface JsonPosition {
  line: number;
  column: number;
}

const blank = /[ \t\r\n]+/y;
const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function match(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0].length ?? 0;
}

/** By hand, because a pattern over a string of a megabyte would need a megabyte of backtracking. */
function endOfString(text: string, start: number): { end: number; complete: boolean } {
  let index = start + 1;
  while (index < text.length) {
    const character = text.charCodeAt(index);
    if (character === 0x22) return { end: index + 1, complete: true };
    if (character < 0x20) break;
    const length = character === 0x5c ? match(escapeSequence, text, index) : 1;
    if (length === 0) break;
    index += length;
  }
  return { end: index, complete: false };
}

/** What may come next, by what came last: the grammar of RFC 8259 as a small automaton. */
type Expect = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

interface State {
  expect: Expect;
  open: ('{' | '[')[];
}

const wantsValue = ({ expect }: State) => expect === 'value' || expect === 'value-or-end';

/** Whether the punctuation fits; moves the state on when it does. */
function takePunctuation(state: State, mark: string): boolean {
  const { expect, open } = state;
  switch (mark) {
    case '{':
    case '[':
      if (!wantsValue(state)) return false;
      open.push(mark);
      state.expect = mark === '{' ? 'key-or-end' : 'value-or-end';
      return true;
    case '}':
    case ']': {
      const opener = mark === '}' ? '{' : '[';
      const emptyYet = mark === '}' ? 'key-or-end' : 'value-or-end';
      if (open.at(-1) !== opener || (expect !== emptyYet && expect !== 'comma-or-end')) return false;
      open.pop();
      state.expect = open.length > 0 ? 'comma-or-end' : 'nothing';
      return true;
    }
    case ':':
      state.expect = 'value';
      return expect === 'colon';
    case ',':
      state.expect = open.at(-1) === '{' ? 'key' : 'value';
      return expect === 'comma-or-end';
    default:
      return false;
  }
}

function indexOfFault(text: string): number {
  const state: State = { expect: 'value', open: [] };
  let index = match(blank, text, 0);
  while (index < text.length) {
    const first = text[index]!;
    if ('{}[]:,'.includes(first)) {
      if (!takePunctuation(state, first)) return index;
      index += 1;
    } else {
      const isKey = first === '"' && (state.expect === 'key' || state.expect === 'key-or-end');
      if (!isKey && !wantsValue(state)) return index;
      if (first === '"') {
        const { end, complete } = endOfString(text, index);
        if (!complete) return end;
        index = end;
      } else {
        const length = match(scalar, text, index);
        if (length === 0) return index;
        index += length;
      }
      state.expect = isKey ? 'colon' : state.open.length > 0 ? 'comma-or-end' : 'nothing';
    }
    index += match(blank, text, index);
  }
  return text.length;
}

/**
 * Where text that JSON.parse refused stops being JSON. V8 names the place for some mistakes only, and quotes the
 * text around it, which may be a password.
 */
export function positionOfJsonFault(text: string): JsonPosition {
  const before = text.slice(0, indexOfFault(text)).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
