import { inspect } from 'node:util';

/** A value that shows nowhere by accident: not in logs, JSON, template strings or the inspector. */
export interface Secret {
  reveal(): string;
  toJSON(): string;
  toString(): string;
}

const shown = '[secret]';

export function createSecret(value: string): Secret {
  const secret = {
    reveal: () => value,
    toJSON: () => shown,
    toString: () => shown,
    [inspect.custom]: () => shown,
  };
  return Object.freeze(secret);
}
