import { type FunctionNode, isFunction } from '../../scripts/function-value.ts';
import { type AnyNode, type Position, walk } from '../../scripts/walk.ts';

/** What flows into a binding: `value`, or with `const { email } = user` its property `email`. */
export interface Inflow {
  value: AnyNode;
  /** The property that is taken out; `undefined` for the whole value, `'?'` where it is not known. */
  property?: string | undefined;
}

export interface Binding {
  name: string;
  kind: 'parameter' | 'function' | 'variable' | 'caught';
  /** The function that a parameter belongs to, with its place, and the property that it takes out of the argument. */
  parameterOf?: { fn: FunctionNode; index: number; property?: string | undefined };
  inflows: Inflow[];
  /** Every identifier that means it, the declaring one left out. */
  references: AnyNode[];
}

export interface Scopes {
  /** None for a global, a property's name and a label. */
  bindingOf(identifier: AnyNode): Binding | undefined;
  positionOf(node: AnyNode): Position | undefined;
  /** The functions around a node, innermost first; for a function, those around it. */
  functionsAround(node: AnyNode): FunctionNode[];
  bindings: readonly Binding[];
  /** All nodes, in source order. */
  nodes: readonly AnyNode[];
}

interface Place {
  position: Position;
  scope: Scope;
  /** The innermost function around it. */
  fn: FunctionNode | undefined;
}

interface Scope {
  outer: Scope | undefined;
  names: Map<string, Binding>;
  isFunction: boolean;
}

/** Which name means which variable, as V8 would bind them; `with` and `eval` are not reckoned with. */
export function readScopes(root: AnyNode): Scopes {
  const places = new Map<AnyNode, Place>();
  const nodes: AnyNode[] = [];
  const identifiers: AnyNode[] = [];
  const declaring = new Map<AnyNode, Binding>();
  const bindings: Binding[] = [];
  walk(root, (node, position) => {
    const { parent } = position;
    const around = parent && places.get(parent);
    const isOwn = !around || opensScope(node, position);
    const scope = isOwn
      ? { outer: around?.scope, names: new Map(), isFunction: isFunction(node) || !around }
      : around.scope;
    const fn = parent && isFunction(parent) ? parent : around?.fn;
    places.set(node, { position, scope, fn });
    nodes.push(node);
    if (node.type === 'Identifier') identifiers.push(node);
    else declareIn(node, scope);
  });
  const bound = new Map<AnyNode, Binding>();
  for (const identifier of identifiers) {
    const place = places.get(identifier);
    if (declaring.has(identifier) || !refers(identifier, place?.position)) continue;
    const binding = find(place?.scope, identifier.type === 'Identifier' ? identifier.name : '');
    if (!binding) continue;
    bound.set(identifier, binding);
    binding.references.push(identifier);
  }
  for (const node of nodes) readAssignment(node);
  return {
    bindings,
    bindingOf: (identifier) => bound.get(identifier) ?? declaring.get(identifier),
    positionOf: (node) => places.get(node)?.position,
    nodes,
    functionsAround,
  };

  function functionsAround(node: AnyNode): FunctionNode[] {
    const around: FunctionNode[] = [];
    for (let at = places.get(node)?.fn; at; at = places.get(at)?.fn) around.push(at);
    return around;
  }

  function declareIn(node: AnyNode, scope: Scope): void {
    if (isFunction(node)) {
      if (node.id) {
        const home = node.type === 'FunctionDeclaration' ? (scope.outer ?? scope) : scope;
        declare(node.id, 'function', home, { value: node });
      }
      for (const [index, parameter] of node.params.entries()) {
        for (const { identifier, property, fallback } of namesIn(parameter)) {
          const binding = declare(identifier, 'parameter', scope);
          if (binding) binding.parameterOf = { fn: node, index, property };
          if (binding && fallback) binding.inflows.push({ value: fallback });
        }
      }
    } else if (node.type === 'VariableDeclaration') {
      const home = node.kind === 'var' ? functionScope(scope) : scope;
      for (const { id, init } of node.declarations) {
        for (const { identifier, property, fallback } of namesIn(id)) {
          const binding = declare(identifier, 'variable', home, init ? { value: init, property } : undefined);
          if (binding && fallback) binding.inflows.push({ value: fallback });
        }
      }
    } else if (node.type === 'CatchClause' && node.param) {
      for (const { identifier } of namesIn(node.param)) declare(identifier, 'caught', scope);
    } else if (node.type === 'ClassDeclaration' && node.id) {
      declare(node.id, 'variable', scope, { value: node });
    }
  }

  function declare(id: AnyNode, kind: Binding['kind'], scope: Scope, inflow?: Inflow): Binding | undefined {
    if (id.type !== 'Identifier') return undefined;
    const known = scope.names.get(id.name);
    const binding = known ?? { name: id.name, kind, inflows: [], references: [] };
    if (!known) bindings.push(binding);
    if (inflow) binding.inflows.push(inflow);
    scope.names.set(id.name, binding);
    declaring.set(id, binding);
    return binding;
  }

  function readAssignment(node: AnyNode): void {
    if (node.type === 'AssignmentExpression') {
      for (const { identifier, property } of namesIn(node.left)) {
        bound.get(identifier)?.inflows.push({ value: node.right, property });
      }
    } else if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') {
      const target = node.left.type === 'VariableDeclaration' ? node.left.declarations[0]?.id : node.left;
      for (const { identifier } of target ? namesIn(target) : []) {
        const binding = bound.get(identifier) ?? declaring.get(identifier);
        binding?.inflows.push({ value: node.right, property: '?' });
      }
    }
  }
}

/** A function's body shares the scope of its parameters: near enough, and simpler. */
function opensScope(node: AnyNode, { parent }: Position): boolean {
  if (isFunction(node)) return true;
  switch (node.type) {
    case 'BlockStatement':
      return !parent || !(isFunction(parent) || parent.type === 'CatchClause');
    case 'ForStatement':
    case 'ForOfStatement':
    case 'ForInStatement':
    case 'SwitchStatement':
    case 'CatchClause':
      return true;
    default:
      return false;
  }
}

function functionScope(scope: Scope): Scope {
  let at = scope;
  while (!at.isFunction && at.outer) at = at.outer;
  return at;
}

function find(scope: Scope | undefined, name: string): Binding | undefined {
  for (let at = scope; at; at = at.outer) {
    const binding = at.names.get(name);
    if (binding) return binding;
  }
  return undefined;
}

export interface PatternName {
  identifier: AnyNode;
  property?: string | undefined;
  fallback?: AnyNode;
}

/** The names that a pattern gives values to, with the property that each takes out. */
export function namesIn(pattern: AnyNode): PatternName[] {
  const found: PatternName[] = [];
  const waiting: PatternName[] = [{ identifier: pattern }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { identifier: node, property, fallback } = next;
    const carry = { property, ...(fallback ? { fallback } : {}) };
    if (node.type === 'Identifier') found.push({ identifier: node, ...carry });
    else if (node.type === 'AssignmentPattern') {
      waiting.push({ identifier: node.left, property, fallback: node.right });
    } else if (node.type === 'RestElement') waiting.push({ identifier: node.argument, property: '?' });
    else if (node.type === 'ArrayPattern') {
      for (const element of node.elements) if (element) waiting.push({ identifier: element, property: '?' });
    } else if (node.type === 'ObjectPattern') {
      for (const each of node.properties) {
        if (each.type === 'RestElement') waiting.push({ identifier: each, property: '?' });
        else waiting.push({ identifier: each.value, property: property ? '?' : (keyOf(each) ?? '?') });
      }
    }
  }
  return found;
}

/** What flows into a binding that is given one value, whole, and never another. */
export function onlyValue(binding: Binding | undefined): AnyNode | undefined {
  const only = binding?.inflows.length === 1 ? binding.inflows[0] : undefined;
  return only?.property === undefined ? only?.value : undefined;
}

/** The name of a property, where it is written out: `{ email: … }`, `{ 'email': … }`, `user.email`, `user['email']`. */
export function keyOf(node: AnyNode): string | undefined {
  if (node.type !== 'Property' && node.type !== 'MemberExpression' && node.type !== 'PropertyDefinition') {
    return undefined;
  }
  const key = node.type === 'MemberExpression' ? node.property : node.key;
  if (!node.computed && key.type === 'Identifier') return key.name;
  return key.type === 'Literal' && typeof key.value === 'string' ? key.value : undefined;
}

function refers(identifier: AnyNode, position: Position | undefined): boolean {
  const { parent, key } = position ?? {};
  switch (parent?.type) {
    case 'MemberExpression':
      return key === 'object' || parent.computed;
    case 'Property':
      // In shorthand one node is both key and value.
      return key === 'value' || parent.computed || (parent.shorthand && parent.value === identifier);
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return key === 'value' || parent.computed;
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'MetaProperty':
      return false;
    default:
      return true;
  }
}
