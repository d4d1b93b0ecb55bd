import { parseSource } from '../../scripts/parse-source.ts';

/** Longer sources are not pasted samples, and each attempt parses them anew. */
const LONGEST = 20_000;
const MOST_ATTEMPTS = 6;

/**
 * A pasted diff shows old lines and new ones side by side: two function headers, two ends of a URL. Takes out lines,
 * one at a time, until the rest parses; they are left empty, so that the others keep their numbers. None where that
 * does not help.
 */
export function mendSource(source: string): string | undefined {
  if (source.length > LONGEST) return undefined;
  let lines = withoutOldLines(source.split('\n'));
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const place = problemLine(lines);
    if (place === undefined) return lines.join('\n');
    // The line that is named, or the one before it, which is the older of the two.
    const candidates = [place - 1, place, place - 2]
      .filter((each) => each >= 0 && lines[each]?.trim())
      .map((each) => lines.with(each, ''));
    const judged = candidates.map((each) => ({ each, reach: problemLine(each) ?? Number.POSITIVE_INFINITY }));
    const best = judged.reduce((a, b) => (b.reach > a.reach ? b : a), { each: lines, reach: place });
    if (best.each === lines) return undefined;
    lines = best.each;
  }
  return undefined;
}

/** 0-based. */
function problemLine(lines: readonly string[]): number | undefined {
  const parsed = parseSource(lines.join('\n'));
  return 'problem' in parsed ? parsed.problem.line - 1 : undefined;
}

const header = /^\s*(?:async\s+)?function\s+\w+\s*\(.*\)\s*\{\s*$/;

/** Lines marked `-` go, marks `+` are taken off; of two headers in a row the one with the context stays. */
function withoutOldLines(lines: readonly string[]): string[] {
  const isMarked = lines.some((line) => /^\+\s/.test(line)) && lines.some((line) => /^-\s/.test(line));
  const unmarked = isMarked
    ? lines.map((line) => (/^-/.test(line) ? '' : line.replace(/^\+/, ' ')))
    : [...lines];
  for (const [place, line] of unmarked.entries()) {
    const next = unmarked[place + 1] ?? '';
    if (!header.test(line) || !header.test(next)) continue;
    unmarked[/\bcontext\b/.test(line) && !/\bcontext\b/.test(next) ? place + 1 : place] = '';
  }
  return unmarked;
}
