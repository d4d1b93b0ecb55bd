/** What the person at the terminal can put right; the message says how. */
export class CheckError extends Error {
  override readonly name = 'CheckError';
}
