import { type AnyNode, type BlockStatement, type Options, parseExpressionAt } from 'acorn';
import { createLineFinder, type Place } from './line-finder.ts';

/** Why V8 would refuse the source. Line and column are 1-based. */
export interface SyntaxProblem {
  message: string;
  line: number;
  column: number;
}

export interface ParsedSource {
  statements: BlockStatement['body'];
  root: AnyNode;
  /** UTF-16 units into the source. */
  offsetOf(node: AnyNode): number;
  /** 1-based. */
  placeOf(node: AnyNode): Place;
  /** The name that an anonymous function at the top level was given, so that it could be parsed. */
  anonymous?: string;
}

/** Scripts are run inside a function, as Node runs CommonJS modules: `return` is legal at the top, `await` is not. */
const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];
const OPENING = `function (${PARAMETERS.join(', ')}) {`;
const CLOSING = '\n}';
const TOO_DEEP = 'The source nests too deeply';
const ANONYMOUS = 'drawbridgeAnonymousEntry';
const options: Options = { ecmaVersion: 'latest', sourceType: 'script' };

export function parseSource(source: string): ParsedSource | { problem: SyntaxProblem } {
  const first = parseWrapped(source);
  if ('root' in first) return parsed(source, first.root);
  const at = anonymousFunctionAt(source, first.offset);
  if (at === undefined) return { problem: problemOf(source, first) };
  const named = parseWrapped(`${source.slice(0, at)} ${ANONYMOUS}${source.slice(at)}`);
  if ('root' in named && isAtTop(named.root)) return parsed(source, named.root, at);
  return { problem: problemOf(source, named.offset === undefined ? first : shiftedBack(named, at)) };
}

/** As `parseSource`, for a file that is no script: what Node would not take is a problem. */
export function parseHelper(source: string): ParsedSource | { problem: SyntaxProblem } {
  const wrapped = parseWrapped(source);
  return 'root' in wrapped ? parsed(source, wrapped.root) : { problem: problemOf(source, wrapped) };
}

interface Failure {
  root?: never;
  message: string;
  offset: number;
}

type Wrapped = { root: WrappedFunction; offset?: never } | Failure;
type WrappedFunction = Extract<AnyNode, { type: 'FunctionExpression' }>;

function parseWrapped(source: string, opening = OPENING): Wrapped {
  const text = opening + source + CLOSING;
  try {
    const root: AnyNode = parseExpressionAt(text, 0, options);
    if (root.type === 'FunctionExpression' && root.end === text.length) return { root };
    return { message: "Unexpected token '}'", offset: endOfFirstFunction(root) - 1 - opening.length };
  } catch (error) {
    if (!(error instanceof SyntaxError)) return { message: TOO_DEEP, offset: 0 };
    const position = (error as SyntaxError & { pos: number }).pos - opening.length;
    return { message: plainMessage(error.message), offset: Math.min(position, source.length) };
  }
}

/** A source with a `}` too many closes the wrapper; what follows makes the wrapper the left end of an expression. */
function endOfFirstFunction(root: AnyNode): number {
  for (let node: AnyNode | undefined = root; node; node = leftOf(node)) {
    if (node.type === 'FunctionExpression') return node.end;
  }
  return root.end;
}

function leftOf(node: AnyNode): AnyNode | undefined {
  switch (node.type) {
    case 'SequenceExpression':
      return node.expressions[0];
    case 'CallExpression':
      return node.callee;
    case 'MemberExpression':
      return node.object;
    case 'TaggedTemplateExpression':
      return node.tag;
    case 'ConditionalExpression':
      return node.test;
    case 'BinaryExpression':
    case 'LogicalExpression':
    case 'AssignmentExpression':
      return node.left;
    case 'UpdateExpression':
      return node.argument;
    case 'ChainExpression':
      return node.expression;
    default:
      return undefined;
  }
}

/** `function (a, b) {…}` as a statement is no JavaScript, but is what many a tenant pasted. */
function anonymousFunctionAt(source: string, offset: number): number | undefined {
  if (source[offset] !== '(') return undefined;
  return /\bfunction\s*\*?\s*$/.test(source.slice(0, offset)) ? offset : undefined;
}

function isAtTop(root: WrappedFunction): boolean {
  return root.body.body.some((node) => node.type === 'FunctionDeclaration' && node.id?.name === ANONYMOUS);
}

function shiftedBack({ message, offset }: Failure, insertedAt: number): Failure {
  return { message, offset: offset > insertedAt ? offset - ANONYMOUS.length - 1 : offset };
}

function parsed(source: string, root: WrappedFunction, insertedAt?: number): ParsedSource {
  const offsetOf = (node: AnyNode) => {
    const offset = node.start - OPENING.length;
    return insertedAt !== undefined && offset > insertedAt ? offset - ANONYMOUS.length - 1 : offset;
  };
  const placeAt = createLineFinder(source);
  return {
    statements: root.body.body,
    root: root.body,
    offsetOf,
    placeOf: (node) => placeAt(offsetOf(node)),
    ...(insertedAt === undefined ? {} : { anonymous: ANONYMOUS }),
  };
}

function problemOf(source: string, failure: Failure): SyntaxProblem {
  const place = createLineFinder(source)(Math.max(0, failure.offset));
  return { message: betterMessage(source, failure), ...place };
}

function betterMessage(source: string, { message }: Failure): string {
  if (/'import' and 'export' may|'import\.meta'/.test(message)) {
    return 'ES module syntax (import, export) is not available: use require(…) and a plain function, or module.exports = …';
  }
  const declaredTwice = /^Identifier '(\w+)' has already been declared$/.exec(message)?.[1];
  if (declaredTwice && PARAMETERS.includes(declaredTwice)) {
    return `'${declaredTwice}' cannot be declared with let, const or class: scripts are given it, as Node's modules are`;
  }
  if (/\bawait\b/.test(source) && 'root' in parseWrapped(source, `async ${OPENING}`)) {
    return 'await is only possible inside an async function';
  }
  return message;
}

/** Without acorn's own place, and without the text of a regular expression: a secret may have been put into it. */
function plainMessage(message: string): string {
  return message
    .replace(/ \(\d+:\d+\)$/, '')
    .replace(/^Not enough stack space.*/, TOO_DEEP)
    .replace(/^Invalid regular expression: \/.*\/: /s, 'Invalid regular expression: ');
}
