import fc from 'fast-check';

/** FUZZ_RUNS=20000 looks longer; what fails is printed with its seed and path, for `fc.assert(…, { seed, path })`. */
const wanted = Number(process.env.FUZZ_RUNS ?? 0);

/** Without FUZZ_RUNS no value is tried after this, however slow the machine is. */
const USUAL_MS = 7_000;
/** One value that takes longer than this is one that something hangs at. */
const HANGS_MS = 20_000;

export const fuzzTimeoutMs = wanted > 0 ? 3_600_000 : 60_000;

/** Checks as many values as FUZZ_RUNS says, else `usualRuns`. */
export async function fuzz<Value>(
  values: fc.Arbitrary<Value>,
  check: (value: Value) => Promise<void>,
  usualRuns: number,
): Promise<void> {
  const deadline = performance.now() + (wanted > 0 ? fuzzTimeoutMs : USUAL_MS);
  const property = fc.asyncProperty(values, async (value) => {
    if (performance.now() < deadline) await check(value);
  });
  await fc.assert(property, { numRuns: wanted > 0 ? wanted : usualRuns, timeout: HANGS_MS });
}

/** Values that JSON parsers, schemas and copiers have stumbled over. */
export const oddText = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\ufeff',
  'ﬀ',
  '%00',
  '%',
  '../../etc/passwd',
  'enc:v1:',
  '@@KEY@@',
  '##KEY##',
  '$&',
  '\r\nX: y',
  '1e999',
  'x'.repeat(5_000),
);

const oddNumber = fc.constantFrom(0, -0, -1, 1e308, 2 ** 53, 0.1, 1e-320);

/** A JSON value of any kind. */
export const jsonValue: fc.Arbitrary<unknown> = fc.oneof(
  { maxDepth: 4 },
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: oddText },
  { weight: 1, arbitrary: oddNumber },
  { weight: 1, arbitrary: fc.dictionary(fc.oneof(oddText, fc.string()), fc.jsonValue({ maxDepth: 1 })) },
);

/** An object with some of its fields left out, changed or more added, at any depth. */
export function nearly(value: unknown, depth = 3): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null || depth === 0) {
    return fc.oneof({ weight: 8, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: jsonValue });
  }
  if (Array.isArray(value)) {
    const items = fc.tuple(...value.map((item) => nearly(item, depth - 1)));
    return fc.oneof({ weight: 8, arbitrary: items }, { weight: 1, arbitrary: jsonValue });
  }
  const fields = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, nearly(inner, depth - 1)]),
  );
  const some = fc.record(fields, { requiredKeys: [] });
  const all = fc.record(fields);
  const more = fc.dictionary(fc.oneof(oddText, fc.string()), jsonValue, { maxKeys: 2 });
  return fc.oneof(
    { weight: 6, arbitrary: all },
    { weight: 2, arbitrary: some },
    { weight: 2, arbitrary: fc.tuple(all, more).map(([object, extra]) => ({ ...object, ...extra })) },
    { weight: 1, arbitrary: jsonValue },
  );
}

/** A text with a piece taken out, doubled or changed. */
export function damaged(text: string): fc.Arbitrary<string> {
  const place = fc.nat({ max: text.length });
  return fc
    .tuple(place, place, fc.oneof(fc.constant(''), fc.string({ maxLength: 4 }), oddText))
    .map(([one, other, put]) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      return text.slice(0, from) + put + text.slice(Math.min(to, from + 12));
    });
}
