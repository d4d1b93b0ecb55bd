import { z } from 'zod';

/**
 * `options.shadow`: where a new version of the read-only scripts lies, which runs beside the one that is served. A
 * misspelt key would leave out what was to be compared, or run what was not to, so unknown ones are refused.
 */
export const ShadowOptions = z.strictObject({
  /** Relative to where the connection's own script paths are. */
  dir: z
    .string()
    .min(1)
    .refine((dir) => !/^(\/|[a-zA-Z]:)|(^|[\\/])\.\.([\\/]|$)|\n/.test(dir), {
      message: 'must be a folder below that of the scripts, such as "./next"',
    }),
  /** get_user is compared in any case; login only where this says so, because it checks passwords a second time. */
  login: z.boolean().nullish(),
  /** The part of the calls that is run twice; all when left out. */
  sample: z.number().gt(0).max(1).nullish(),
  /** Fields of the profile that are not compared, such as a time of the last login. */
  ignore: z.array(z.string().min(1)).max(50).nullish(),
});
export type ShadowOptions = z.infer<typeof ShadowOptions>;
