import { expect, it } from 'vitest';
import { restoreClassNames } from '../../../sandbox/build/class-names.ts';

const evaluate = (code: string) => new Function(`${restoreClassNames(code)};return Name;`)();

it('gives classes that mention themselves their names back', () => {
  const Name = evaluate('var Name=class _Name extends Error{static of(){return new _Name}}');
  expect([Name.name, Name.of() instanceof Name, Object.keys(Name)]).toEqual(['Name', true, []]);
});

it('leaves alone what has a name of its own', () => {
  expect(evaluate('var Name=class _Name{static name(){return 7}}').name()).toBe(7);
  expect(evaluate('var Name=class _Other{}').name).toBe('_Other');
  const plain = 'class Name{};var text="=class Name{"';
  expect(restoreClassNames(plain)).toBe(plain);
});
