import type { z } from 'zod';

/** For people who send requests: zod would say which type it expected, which need not be the one that they send. */
export const sayMissing: z.core.$ZodErrorMap = ({ input }) =>
  input === undefined ? 'is missing' : undefined;
