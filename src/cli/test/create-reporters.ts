import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../../config.ts';
import { createGithubReporter } from './github-reporter.ts';
import { createJsonReporter } from './json-reporter.ts';
import { createJunitReporter } from './junit-reporter.ts';
import { createReadableReporter } from './readable-reporter.ts';
import type { Reporter, Write } from './report.ts';
import { createTapReporter } from './tap-reporter.ts';

const kinds = ['readable', 'json', 'junit', 'tap', 'github'] as const;
type Kind = (typeof kinds)[number];

/** A reporter, and the file it writes to; without one it is the standard output. */
export interface Wanted {
  kind: Kind;
  file: string | undefined;
}

/** Those that a line of another would spoil. */
const whole: readonly Kind[] = ['json', 'junit', 'tap'];

/** Whether the standard output is one document, for a program to read. */
export const isDocument = (wanted: readonly Wanted[]): boolean =>
  wanted.some(({ kind, file }) => file === undefined && whole.includes(kind));

export interface ReporterFlags {
  reporter?: readonly string[] | undefined;
  output?: string | undefined;
  json?: boolean | undefined;
}

/** Reads `--reporter json --reporter junit=report.xml --output …`. Throws ConfigError. */
export function wantedReporters({ reporter = [], output, json }: ReporterFlags): Wanted[] {
  const asked = [...reporter, ...(json ? ['json'] : [])].flatMap((text) => text.split(',')).map(readWanted);
  if (asked.length === 0) asked.push({ kind: 'readable', file: undefined });
  if (output !== undefined) {
    const open = asked.filter(({ file }) => file === undefined);
    if (open.length !== 1) {
      throw new ConfigError([
        '--output is for one reporter; with several, write --reporter junit=report.xml',
      ]);
    }
    open[0]!.file = output;
  }
  const onScreen = asked.filter(({ file }) => file === undefined).map(({ kind }) => kind);
  const alone = onScreen.find((kind) => whole.includes(kind));
  if (alone !== undefined && onScreen.length > 1) {
    throw new ConfigError([
      `--reporter ${alone} has the standard output to itself; give the others a file, as in --reporter ${alone}=report.${alone === 'junit' ? 'xml' : alone}`,
    ]);
  }
  return asked;
}

function readWanted(text: string): Wanted {
  const sign = text.indexOf('=');
  const name = (sign < 0 ? text : text.slice(0, sign)).trim();
  const kind = kinds.find((each) => each === name);
  if (!kind) throw new ConfigError([`--reporter is ${JSON.stringify(name)}; allowed: ${kinds.join(', ')}`]);
  const file = sign < 0 ? undefined : text.slice(sign + 1);
  if (file === '') throw new ConfigError([`--reporter ${kind}= names no file`]);
  return { kind, file };
}

/** The reporters of one run; files are written when it ends. */
export function createReporters(wanted: readonly Wanted[], stdout: NodeJS.WriteStream): Reporter[] {
  return wanted.map(({ kind, file }) => {
    if (file === undefined) return createReporter(kind, (text) => void stdout.write(text), stdout);
    let text = '';
    const reporter = createReporter(kind, (more) => {
      text += more;
    });
    const save = () => writeReport(file, text);
    return {
      ...(reporter.caseDone ? { caseDone: reporter.caseDone } : {}),
      async end(report) {
        await reporter.end(report);
        save();
      },
      mistakes(mistakes) {
        reporter.mistakes(mistakes);
        save();
      },
    };
  });
}

function writeReport(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new ConfigError([`${file} cannot be written (${(error as NodeJS.ErrnoException).code})`]);
  }
}

function createReporter(kind: Kind, write: Write, stream?: NodeJS.WriteStream): Reporter {
  switch (kind) {
    case 'readable': {
      const colours = stream !== undefined && takesColours(stream);
      return createReadableReporter({ write, colours, live: stream?.isTTY === true });
    }
    case 'json':
      return createJsonReporter(write);
    case 'junit':
      return createJunitReporter(write);
    case 'tap':
      return createTapReporter(write);
    case 'github':
      return createGithubReporter(write, process.env);
    default:
      return kind satisfies never;
  }
}

/** As node:util's styleText judges it. */
function takesColours(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, NODE_DISABLE_COLORS, FORCE_COLOR } = process.env;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '0') return true;
  return (
    !NO_COLOR && NODE_DISABLE_COLORS === undefined && stream.isTTY === true && stream.getColorDepth() > 1
  );
}
