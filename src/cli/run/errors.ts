/** The command was called in a wrong way: exit code 2. The message says how to call it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command cannot be carried out. The message is for the person at the terminal and holds no secret. */
export class RunError extends Error {
  override readonly name = 'RunError';
}
