import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/profiles.md', root), 'utf8');
const folder = new URL('src/profile/', root);
const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));

/** Every word_with_underscores that stands in quotes: codes and fields, both of which the page has to name. */
const words = new Set(
  sources.flatMap((source) => [...source.matchAll(/'([a-z]+(?:_[a-z]+)+)'/g)].map((match) => match[1])),
);
// Of the names that are reserved in app_metadata the page gives examples; too_big and too_small are zod's, and
// not_applicable is what an explanation says of a rule.
const notOnThePage = [
  'not_applicable',
  'date_to_string',
  'get_user',
  'too_big',
  'too_small',
  'created_at',
  'updated_at',
  'multifactor_last_modified',
  'global_client_id',
];

describe('docs/profiles.md', () => {
  it('names every code and field of the rules', () => {
    for (const name of notOnThePage) words.delete(name);
    expect([...words]).toEqual(expect.arrayContaining(['user_id_empty', 'profile_large', 'too_deep']));
    expect([...words].filter((word) => !page.includes(`\`${word}\``))).toEqual([]);
  });
});
