import { UsageError } from './run/errors.ts';

/** The part of a terminal or a pipe that a password is read from. */
export interface PasswordInput extends AsyncIterable<unknown> {
  isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

export interface PasswordSource {
  stdin: PasswordInput;
  /** Where the question goes: standard output is for the result. */
  ask(text: string): void;
}

/**
 * A password, asked for without echo on a terminal, else read from standard input whole; the line's end is no part of
 * it. Throws UsageError when there is none.
 */
export async function readPassword(
  { stdin, ask }: PasswordSource,
  what: string,
  fromPipe = false,
): Promise<string> {
  const isAsked = stdin.isTTY === true && stdin.setRawMode !== undefined && !fromPipe;
  const password = isAsked ? await typed(stdin, ask, what) : await piped(stdin);
  if (password !== '') return password;
  throw new UsageError(
    isAsked
      ? 'no password was typed'
      : `the script needs a password (${what}) and standard input has none; pipe one in: printf %s "$PASSWORD" | npx drawbridge … --password-stdin`,
  );
}

async function piped(stdin: PasswordInput): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

const ENTER = /[\r\n]/;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

async function typed(stdin: PasswordInput, ask: (text: string) => void, what: string): Promise<string> {
  ask(`${what} (not shown): `);
  stdin.setRawMode?.(true);
  let password: string[] = [];
  try {
    for await (const chunk of stdin) {
      for (const sign of String(chunk)) {
        if (ENTER.test(sign) || sign === CTRL_D) return password.join('');
        if (sign === CTRL_C) throw new UsageError('interrupted');
        if (sign === '\u007f' || sign === '\b') password.pop();
        else if (sign === '\u0015') password = [];
        else if (sign >= ' ') password.push(sign);
      }
    }
    return password.join('');
  } finally {
    stdin.setRawMode?.(false);
    ask('\n');
  }
}
