import type { Connection } from '../../connections/connection.ts';

export interface MissingVariable {
  /** `@@USER_STORE_URL@@` */
  marker: string;
  /** What to do, in one line. */
  advice: string;
}

/** Variables whose markers are still in the configuration: scripts get the marker in place of a value. */
export function missingVariables({ definition }: Connection): MissingVariable[] {
  return Object.entries(definition.configuration).flatMap(([key, value]) =>
    [...value.matchAll(/@@([\w.-]+)@@|##([\w.-]+)##/g)].map(([marker, quoted, literal]) => ({
      marker,
      advice: `set ${quoted ?? literal} in the environment (database.json: configuration.${key} is still ${marker})`,
    })),
  );
}
