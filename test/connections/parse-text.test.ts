import { describe, expect, it } from 'vitest';
import { parseJson, parseYaml } from '../../src/connections/parse-text.ts';

describe('parseJson', () => {
  const mistakes: [string, number, number, RegExp][] = [
    ['', 1, 1, /too early/],
    ['{\n  "a": 1,\n}', 3, 1, /property name/],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, /',' or '}'/],
    ['{"a": s3cret}', 1, 7, /value/],
    ['{"a" 1}', 1, 6, /':'/],
    ['[1, 2', 1, 6, /too early/],
    ['[1,]', 1, 4, /value/],
    ['{"a": "s3cret\n"}', 1, 7, /value/],
    ['{} s3cret', 1, 4, /follow/],
    ["{'s3cret': 1}", 1, 2, /double quotes/],
    ['[01]', 1, 3, /',' or ']'/],
  ];
  it.each(mistakes)('says where %j is wrong, without quoting it', (text, line, column, message) => {
    const parsed = parseJson(text);
    expect(parsed).toMatchObject({ mistake: { line, column, message: expect.stringMatching(message) } });
    expect(JSON.stringify(parsed)).not.toContain('s3cret');
  });

  it('reads what is JSON', () => {
    expect(parseJson(' {"a": [1, -2.5e3, "\\u00e4", {}, [], null]} ')).toEqual({
      value: { a: [1, -2500, 'ä', {}, [], null] },
    });
  });
});

describe('parseYaml', () => {
  it.each([
    ['a: "s3cret', 1],
    ['a: 1\nb: [s3cret', 2],
    ['a: 1\n  s3cret: 2\n', 1],
    ['a: "b" "s3cret"', 1],
  ])('says in which line %j is wrong, without quoting it', (text, line) => {
    const parsed = parseYaml(text);
    expect(parsed).toMatchObject({ mistake: { line: expect.any(Number), column: expect.any(Number) } });
    if ('mistake' in parsed) expect(parsed.mistake.line).toBeGreaterThanOrEqual(line);
    expect(JSON.stringify(parsed)).not.toContain('s3cret');
  });

  it('refuses aliases that unfold without end', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 8; level += 1) {
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }
    expect(parseYaml(lines.join('\n'))).toHaveProperty('mistake');
  });
});
