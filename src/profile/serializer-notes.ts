import type { ResultNote } from '../../sandbox/contract/outcome.ts';
import type { Findings } from './findings.ts';

/** What the serializer of the sandbox changed is a warning; what it could not carry refuses the profile. */
export function readNotes(notes: readonly ResultNote[], findings: Findings): void {
  for (const { path, code } of notes) {
    switch (code) {
      case 'object_id_to_string':
        findings.warn(
          path,
          code,
          `${named(path)} is an ObjectId; it was made a string. Return id.toString().`,
        );
        break;
      case 'bigint_to_string':
        findings.warn(path, code, `${named(path)} is a BigInt; it was made a string. Return String(value).`);
        break;
      case 'date_to_string':
        // ISO 8601 text, as JSON.stringify gives it: what everybody expects of a date.
        break;
      case 'not_json':
        findings.refuse(
          path,
          code,
          `${named(path)} is something that JSON cannot hold (a function, a symbol, NaN and the like). ` +
            'Return plain data: strings, numbers, booleans, arrays and objects of these.',
        );
        break;
      case 'circular':
        findings.refuse(
          path,
          code,
          `${named(path)} refers back to an object that holds it. Pick the fields you need into a new object and return that.`,
        );
        break;
      default:
        code satisfies never;
    }
  }
}

function named(path: string): string {
  return path === '' ? 'The result' : path;
}
