import type { Patch } from './patch.ts';

/** An npm library that scripts may require; it is bundled into a file of its own. */
export interface Library {
  /** The folder in node_modules, which tells versions of one name apart: the library's id. */
  package: string;
  /** What scripts require, where that is not the package. */
  name?: string;
  /** Where the heading of the docs has it. */
  family: Family;
  /** The version whose API it has, where the package is not an npm package of that name but a layer alone. */
  version?: string;
  /** What the bundle begins with, where it is not the library itself: the text of a CommonJS module in the build's folder. */
  entry?: () => string;
  /** An expression that makes of the library what scripts get: `require('./layers/pg.cjs')`. */
  layer?: string;
  /** Bundled from the package's ES modules: hundreds of them become one, and are evaluated in a tenth of the time. */
  esm?: boolean;
  aliases?: string[];
  /** What may follow the name and a slash, with the module of the package that it means. */
  subpaths?: Record<string, string>;
  propertyPaths?: boolean;
  /** Majors of pins that this version answers for, first and last, beside its own. */
  pins?: [first: number, last: number];
  /** What an author who pinned another major has to know, as the end of a sentence. */
  keeps?: string;
  /** Packages that scripts have no use for: a require of one finds nothing, and the library does without. */
  absent?: string[];
  /** Packages that a library loads at once and that are refused when they are used. */
  refused?: string[];
  /** Requests inside the bundle that get one of the shims, or an instance of another library. */
  replace?: Record<string, string>;
  patches?: Patch[];
  /** For the docs: what an author might miss. */
  unsupported?: string;
}

export type Family =
  | 'HTTP'
  | 'Databases and directories'
  | 'Tokens and cryptography'
  | 'Cloud services'
  | 'Data and control flow';

export const nameOf = (library: Library): string => library.name ?? library.package;
