/** What the user can put right; the message says how. */
export class PromoteError extends Error {
  override readonly name = 'PromoteError';
}
