import type { AnyNode } from 'acorn';
import {
  countParameters,
  functionHeldBy,
  type HeldFunction,
  isFunction,
  type Lookup,
} from './function-value.ts';
import type { ParsedSource } from './parse-source.ts';

/** A top-level binding that holds a function, or may. In source order. */
export interface Binding extends HeldFunction {
  name: string;
  node: AnyNode;
}

/** A value that is put on `module.exports`, or on its property `key`. */
export interface Exported {
  key: string | undefined;
  value: AnyNode;
}

/** A function that stands alone: `(email, callback) => {…}`, `function (email, callback) {…}`. */
export interface LoneFunction {
  node: AnyNode;
  offset: number;
  parameters: number | 'unknown';
}

export interface TopLevel {
  bindings: Binding[];
  exported: Exported[];
  lone: LoneFunction[];
  lookup: Lookup;
}

/** What a source declares and exports at its top level. */
export function readTopLevel(source: ParsedSource): TopLevel {
  const top: TopLevel = { bindings: [], exported: [], lone: [], lookup: () => undefined };
  const values = new Map<string, AnyNode>();
  for (const [name, value] of topLevelValues(source)) values.set(name, value);
  top.lookup = lookupIn(values);
  for (const statement of source.statements) readStatement(statement, source, top);
  return top;
}

function readStatement(statement: AnyNode, source: ParsedSource, top: TopLevel): void {
  if (statement.type === 'FunctionDeclaration') {
    const parameters = countParameters(statement);
    if (statement.id?.name === source.anonymous) {
      top.lone.push({ node: statement, offset: source.offsetOf(statement), parameters });
    } else if (statement.id) {
      top.bindings.push({ name: statement.id.name, node: statement, certainty: 'certain', parameters });
    }
  } else if (statement.type === 'VariableDeclaration') {
    for (const { id, init } of statement.declarations) {
      if (!init) continue;
      if (id.type === 'Identifier') addBinding(id.name, init, top);
      readAssignments(init, top);
    }
  } else if (statement.type === 'ExpressionStatement') {
    const { expression } = statement;
    if (isFunction(expression)) {
      const parameters = countParameters(expression);
      top.lone.push({ node: statement, offset: source.offsetOf(statement), parameters });
    } else {
      readAssignments(expression, top);
      readEsbuildExports(expression, top);
    }
  }
}

/** `module.exports = exports = login = function …` assigns one value to three places. */
function readAssignments(node: AnyNode, top: TopLevel): void {
  if (node.type === 'SequenceExpression') {
    for (const expression of node.expressions) readAssignments(expression, top);
    return;
  }
  if (node.type !== 'AssignmentExpression' || node.operator !== '=') return;
  const targets: AnyNode[] = [];
  let value: AnyNode = node;
  for (; value.type === 'AssignmentExpression'; value = value.right) targets.push(value.left);
  // Transpilers first write `exports.login = void 0`.
  if (value.type === 'UnaryExpression' && value.operator === 'void') return;
  for (const target of targets) {
    if (target.type === 'Identifier' && target.name !== 'exports') addBinding(target.name, value, top);
    const place = exportPlace(target);
    if (place) top.exported.push({ ...place, value });
  }
}

function addBinding(name: string, value: AnyNode, top: TopLevel): void {
  const held = functionHeldBy(value, top.lookup);
  if (held) top.bindings.push({ name, node: value, ...held });
}

function exportPlace(target: AnyNode): { key: string | undefined } | undefined {
  if (isModuleExports(target)) return { key: undefined };
  if (target.type !== 'MemberExpression') return undefined;
  const onExports =
    isModuleExports(target.object) ||
    (target.object.type === 'Identifier' && target.object.name === 'exports');
  return onExports ? { key: propertyName(target) } : undefined;
}

function isModuleExports(node: AnyNode): boolean {
  return (
    node.type === 'MemberExpression' &&
    node.object.type === 'Identifier' &&
    node.object.name === 'module' &&
    propertyName(node) === 'exports'
  );
}

function propertyName({
  computed,
  property,
}: Extract<AnyNode, { type: 'MemberExpression' }>): string | undefined {
  if (!computed && property.type === 'Identifier') return property.name;
  return property.type === 'Literal' && typeof property.value === 'string' ? property.value : undefined;
}

/** esbuild's CommonJS output lists its exports in `__export(entry_exports, { default: () => login })`. */
function readEsbuildExports(node: AnyNode, top: TopLevel): void {
  if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return;
  const list = node.arguments[1];
  if (node.callee.name !== '__export' || list?.type !== 'ObjectExpression') return;
  for (const property of list.properties) {
    if (property.type !== 'Property' || property.key.type !== 'Identifier') continue;
    const getter = property.value;
    if (getter.type !== 'ArrowFunctionExpression' || getter.body.type !== 'Identifier') continue;
    top.exported.push({ key: property.key.name, value: getter.body });
  }
}

function* topLevelValues({ statements }: ParsedSource): Generator<[string, AnyNode]> {
  for (const statement of statements) {
    if (statement.type === 'FunctionDeclaration' && statement.id) yield [statement.id.name, statement];
    if (statement.type !== 'VariableDeclaration') continue;
    for (const { id, init } of statement.declarations) {
      if (id.type === 'Identifier' && init) yield [id.name, init];
    }
  }
}

/** Follows `const a = b` to the function; a circle of names holds none. */
function lookupIn(values: ReadonlyMap<string, AnyNode>): Lookup {
  const underWay = new Set<string>();
  const lookup: Lookup = (name) => {
    const value = values.get(name);
    if (!value || underWay.has(name)) return undefined;
    underWay.add(name);
    try {
      return functionHeldBy(value, lookup);
    } finally {
      underWay.delete(name);
    }
  };
  return lookup;
}
