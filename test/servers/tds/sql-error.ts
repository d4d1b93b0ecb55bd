/** An error as SQL Server numbers it; `class` is its severity. */
export class SqlError extends Error {
  readonly number: number;
  readonly class: number;
  readonly state: number;

  constructor(number: number, message: string, severity = 16, state = 1) {
    super(message);
    this.number = number;
    this.class = severity;
    this.state = state;
  }
}

export const unsupported = (what: string) =>
  new SqlError(102, `This double of SQL Server does not do ${what}.`, 15);
