import { readFile } from 'node:fs/promises';
import { parseDocument, YAMLSeq } from 'yaml';
import { parseFixture } from '../../fixtures/parse-fixture.ts';
import { passwordPlaceholder, type RedactedFixture } from '../../fixtures/redact/recording.ts';
import { serializeFixture } from '../../fixtures/serialize-fixture.ts';
import { replaceFile } from '../../replace-file.ts';
import { RunError } from '../run/errors.ts';

export interface WriteOptions {
  out: string;
  append: boolean;
}

/**
 * Says early what would be in the way of writing. Answers the number of the first password's placeholder: nobody knows
 * what stood for the ones that the file has. Throws RunError.
 */
export async function checkTarget({ out, append }: WriteOptions): Promise<{ firstPassword: number }> {
  const text = await readExisting(out);
  if (text === undefined) return { firstPassword: 1 };
  if (!append)
    throw new RunError(`${out} is there already; add the case to it with --append, or give another --out`);
  const parsed = parseFixture(out, text);
  if ('parsed' in parsed) {
    const used = [...text.matchAll(placeholder)].map(([, number]) => Number(number));
    return { firstPassword: Math.max(0, ...used) + 1 };
  }
  const [first] = parsed.mistakes;
  throw new RunError(`${out} is no fixture file (line ${first?.line}: ${first?.message}); mend it first`);
}

const placeholder = new RegExp(`${passwordPlaceholder('')}(\\d{1,6})`, 'g');

/** The same with its placeholders for passwords counted from `first`. */
export function withPasswordsFrom(fixture: RedactedFixture, first: number): RedactedFixture {
  if (first === 1) return fixture;
  const counted = JSON.stringify(fixture).replace(placeholder, (_, number: string) =>
    passwordPlaceholder(Number(number) + first - 1),
  );
  return JSON.parse(counted) as RedactedFixture;
}

/** Writes a new file, or adds the case, with its configuration, to what is there; comments stay. Throws RunError. */
export async function writeRecording(fixture: RedactedFixture, { out, append }: WriteOptions): Promise<void> {
  const text = append ? await readExisting(out) : undefined;
  await replaceFile(
    out,
    text === undefined
      ? serializeFixture(fixture as unknown as Parameters<typeof serializeFixture>[0])
      : appended(text, fixture, out),
    0o644,
  );
}

function appended(
  text: string,
  { connection, configuration, cases: [only] }: RedactedFixture,
  out: string,
): string {
  const document = parseDocument(text);
  const of = document.get('connection');
  if (typeof of === 'string' && of !== connection) {
    throw new RunError(
      `${out} is of the connection ${of}, and the recording of ${connection}; give another --out`,
    );
  }
  const cases = document.get('cases');
  if (!(cases instanceof YAMLSeq)) throw new RunError(`${out} has no list of cases`);
  const shared = (document.toJS() as { configuration?: Record<string, string> }).configuration ?? {};
  const own = Object.entries(configuration).filter(([key, value]) => shared[key] !== value);
  const names = (cases.toJSON() as { name?: string }[]).map(({ name }) => name);
  cases.add(
    document.createNode(
      {
        ...only,
        name: unusedName(only.name ?? '', names),
        ...(own.length > 0 ? { configuration: Object.fromEntries(own) } : {}),
      },
      { aliasDuplicateObjects: false },
    ),
  );
  return document.toString({ lineWidth: 0 });
}

function unusedName(name: string, names: readonly (string | undefined)[]): string {
  for (let count = 2, wanted = name; ; count++) {
    if (!names.includes(wanted)) return wanted;
    wanted = `${name} (${count})`;
  }
}

async function readExisting(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new RunError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
