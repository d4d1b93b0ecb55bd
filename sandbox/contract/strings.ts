import * as z from 'zod';

/** Strings, few enough. One finding for all of them, where an array's schema would have one for each. */
export function strings(most: number): z.ZodType<string[]> {
  return z.custom<string[]>(
    (value) =>
      Array.isArray(value) && value.length <= most && value.every((each) => typeof each === 'string'),
    `Expected at most ${most} strings`,
  );
}
