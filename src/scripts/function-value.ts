import type { AnyNode } from 'acorn';

/** What an expression is known to hold, without running it. */
export interface HeldFunction {
  /** `possible`: a call or a property that may well be a function. */
  certainty: 'certain' | 'possible';
  /** Declared parameters; `unknown` with a rest parameter and where the function is made elsewhere. */
  parameters: number | 'unknown';
}

export type FunctionNode = Extract<
  AnyNode,
  { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }
>;

export type Lookup = (name: string) => HeldFunction | undefined;

export function isFunction(node: AnyNode): node is FunctionNode {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  );
}

/** Parameters with defaults count: an author who writes `context = {}` expects a context. */
export function countParameters({ params }: FunctionNode): number | 'unknown' {
  return params.some(({ type }) => type === 'RestElement') ? 'unknown' : params.length;
}

export function functionHeldBy(node: AnyNode, lookup: Lookup): HeldFunction | undefined {
  if (isFunction(node)) return { certainty: 'certain', parameters: countParameters(node) };
  switch (node.type) {
    case 'Identifier':
      return lookup(node.name);
    case 'AssignmentExpression':
      return functionHeldBy(node.right, lookup);
    case 'SequenceExpression':
      return functionHeldBy(node.expressions.at(-1)!, lookup);
    case 'CallExpression':
      return functionMadeBy(node, lookup);
    case 'ConditionalExpression':
    case 'LogicalExpression':
    case 'MemberExpression':
      return startsWithRequire(node) ? undefined : { certainty: 'possible', parameters: 'unknown' };
    default:
      return undefined;
  }
}

type Call = Extract<AnyNode, { type: 'CallExpression' }>;

/** What takes a function and answers one that does the same. */
const wrappers = new Set([
  'wrap',
  'coroutine',
  'callbackify',
  'promisify',
  'asyncify',
  'nodeify',
  'memoize',
  'once',
]);

function functionMadeBy(call: Call, lookup: Lookup): HeldFunction | undefined {
  if (isFunction(call.callee)) return functionReturnedBy(call.callee, lookup);
  const [inner] = call.arguments;
  if (inner && isFunction(inner)) {
    // co.wrap(function* (a, b) {…}) passes its arguments on; callbackify(async (a) => …) takes one more.
    if (inner.generator) return { certainty: 'certain', parameters: countParameters(inner) };
    if (wrappers.has(calledName(call))) return { certainty: 'certain', parameters: 'unknown' };
  }
  return startsWithRequire(call) ? undefined : { certainty: 'possible', parameters: 'unknown' };
}

function calledName({ callee }: Call): string {
  const name = callee.type === 'MemberExpression' ? callee.property : callee;
  return name.type === 'Identifier' ? name.name : '';
}

/** `(() => {…; return function login() {…}})()`, as transpilers write it. */
function functionReturnedBy(maker: FunctionNode, lookup: Lookup): HeldFunction | undefined {
  if (maker.body.type !== 'BlockStatement') return functionHeldBy(maker.body, lookup);
  const last = maker.body.body.findLast(({ type }) => type === 'ReturnStatement');
  if (last?.type !== 'ReturnStatement' || !last.argument) return undefined;
  const inside: Lookup = (name) => {
    const declared = maker.body.type === 'BlockStatement' ? maker.body.body : [];
    const found = declared.find((node) => node.type === 'FunctionDeclaration' && node.id?.name === name);
    if (found && isFunction(found)) return { certainty: 'certain', parameters: countParameters(found) };
    return lookup(name);
  };
  return functionHeldBy(last.argument, inside) ?? { certainty: 'possible', parameters: 'unknown' };
}

function startsWithRequire(node: AnyNode): boolean {
  for (let at: AnyNode = node; ; ) {
    if (at.type === 'MemberExpression') at = at.object;
    else if (at.type !== 'CallExpression') return false;
    else if (at.callee.type === 'Identifier') return at.callee.name === 'require';
    else at = at.callee;
  }
}
