import { describe, expect, it } from 'vitest';
import { createKeywordReplacer, excludedDatabases } from '../../src/connections/replace-keywords.ts';

const textOf = (text: string, env: Record<string, string>) => createKeywordReplacer(env)(text).text;

describe('createKeywordReplacer', () => {
  it('puts the value as JSON for @@KEY@@, quotes around it included', () => {
    const env = { KEY: 'a "quoted" \\ value' };
    const json = JSON.stringify(env.KEY);
    expect(textOf(`{"a": "@@KEY@@"}`, env)).toBe(`{"a": ${json}}`);
    expect(textOf(`a: '@@KEY@@'`, env)).toBe(`a: ${json}`);
    expect(textOf(`const a = @@KEY@@;`, env)).toBe(`const a = ${json};`);
    expect(textOf(`"@@KEY@@'`, env)).toBe(`"${json}'`);
  });

  it('puts the value as it is for ##KEY##', () => {
    expect(textOf(`{"url": "https://##HOST##/v1"}`, { HOST: 'x.org' })).toBe(`{"url": "https://x.org/v1"}`);
  });

  it('takes $ in values for what it is', () => {
    expect(textOf('##A## @@A@@', { A: "$& $' $1 $$" })).toBe(`$& $' $1 $$ "$& $' $1 $$"`);
  });

  it('does not look for markers in values', () => {
    expect(textOf('@@A@@ ##A##', { A: '##B##', B: 'secret' })).toBe('"##B##" ##B##');
  });

  it('takes values of any type from the mappings; the environment wins', () => {
    const env = { AUTH0_KEYWORD_REPLACE_MAPPINGS: '{"LIST":["a","b"],"PORT":5,"KEY":"mapped"}', KEY: 'own' };
    expect(textOf('@@LIST@@ ##PORT## ##KEY##', env)).toBe('["a","b"] 5 own');
  });

  it('leaves unknown markers as they are and says where they stand, once each', () => {
    const { text, unknown } = createKeywordReplacer({})('a\n"@@ONE@@" ##TWO##\n@@ONE@@ ##');
    expect(text).toBe('a\n"@@ONE@@" ##TWO##\n@@ONE@@ ##');
    expect(unknown).toEqual([
      { marker: '@@ONE@@', line: 2 },
      { marker: '##TWO##', line: 2 },
    ]);
  });

  it('never gives away the settings of the service itself', () => {
    const env = {
      DRAWBRIDGE_API_KEY: 'secret',
      drawbridge_x: 'secret',
      AUTH0_KEYWORD_REPLACE_MAPPINGS: '{}',
    };
    const text = '@@DRAWBRIDGE_API_KEY@@ ##drawbridge_x## ##AUTH0_KEYWORD_REPLACE_MAPPINGS## ##constructor##';
    expect(textOf(text, env)).toBe(text);
  });

  it('names a variable that is not JSON, without its value', () => {
    for (const value of ['{secret', '["secret"]']) {
      const message = /^AUTH0_KEYWORD_REPLACE_MAPPINGS must be a JSON object(?!.*secret)/;
      expect(() => createKeywordReplacer({ AUTH0_KEYWORD_REPLACE_MAPPINGS: value })).toThrow(message);
    }
  });
});

describe('excludedDatabases', () => {
  it('reads a JSON array of names', () => {
    expect([...excludedDatabases({ AUTH0_EXCLUDED_DATABASES: '["a","b"]' })]).toEqual(['a', 'b']);
    expect(() => excludedDatabases({ AUTH0_EXCLUDED_DATABASES: 'a,b' })).toThrow(/AUTH0_EXCLUDED_DATABASES/);
  });
});
