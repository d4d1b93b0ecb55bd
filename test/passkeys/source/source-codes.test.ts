import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type SourceCode, sourceCodes } from '../../../src/passkeys/source/source-codes.ts';
import { parseSource } from '../../../src/scripts/parse-source.ts';

const page = readFileSync(path.join(import.meta.dirname, '../../../docs/passkey-readiness.md'), 'utf8');
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => [/^(\w+)$/m.exec(section)?.[1], section.split(/^## /m)[0] ?? '']),
);

describe('an example of what is right is JavaScript', () => {
  const examples = [...sections]
    .filter(([code]) => Object.hasOwn(sourceCodes, code ?? '') && code !== 'script_unparsable')
    .flatMap(([code, section]) =>
      [...section.matchAll(/```js\n([\s\S]*?)```/g)].map(({ 1: text }) => [code, text]),
    );

  it.each(examples)('%s', (_code, text) => {
    // Wrong and right declare the same names.
    for (const part of (text ?? '').split('// right')) {
      expect(parseSource(`async () => {\n${part}\n}`)).not.toHaveProperty('problem');
    }
  });
});

it('every code says what to change, in sentences', () => {
  for (const code of Object.keys(sourceCodes) as SourceCode[]) {
    const { title, why, fix } = sourceCodes[code];
    expect(title).not.toMatch(/\.$/);
    expect(why).toMatch(/\.$/);
    expect(fix).toMatch(/\.$/);
  }
});
