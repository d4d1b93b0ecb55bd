import * as z from 'zod';

/** How often a piece of a source was run: what is inside of a range and in no narrower one has its count. */
export const CountedRange = z.object({
  /** UTF-16 units into the author's source. */
  start: z.number().int(),
  end: z.number().int(),
  count: z.number().int(),
});
export type CountedRange = z.infer<typeof CountedRange>;

/** What one execution has run of a script or a helper file: V8's block coverage. */
export const FileCoverage = z.object({
  /** As stacks show it: `acme/get_user.js`. */
  file: z.string(),
  ranges: z.array(CountedRange),
});
export type FileCoverage = z.infer<typeof FileCoverage>;
