/** What a person can do something about; the message goes on a page. */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly status: number;
  readonly code: string;
  constructor(message: string, status: number, code = 'not_allowed') {
    super(message);
    this.status = status;
    this.code = code;
  }
}
