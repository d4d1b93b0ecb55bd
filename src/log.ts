type Write = (fields: object, message: string) => void;

/** What the parts of the service need of a log; pino's logger is one. Fields are never secrets. */
export interface Logger {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
}

export const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {} };
