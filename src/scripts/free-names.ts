import type { AnyNode } from 'acorn';
import { type Position, walk } from './walk.ts';

export interface FreeName {
  name: string;
  node: AnyNode;
}

/**
 * The first use of each of `wanted` that the source does not declare itself, in any scope: an approximation that
 * would rather miss a free name than call a declared one free. `crypto.createHash` is wanted as that member alone.
 */
export function findFreeNames(root: AnyNode, wanted: ReadonlySet<string>): FreeName[] {
  const bases = new Set([...wanted].map(baseOf));
  const declared = new Set<string>();
  const used = new Map<string, AnyNode>();
  const patterns = new Set<AnyNode>();
  walk(root, (node, position) => {
    if (node.type === 'ObjectPattern') for (const property of node.properties) patterns.add(property);
    if (node.type !== 'Identifier' || !bases.has(node.name)) return;
    const inPattern = position.key === 'value' && patterns.has(position.parent!);
    if (inPattern || declares(position)) declared.add(node.name);
    else if (refers(position)) {
      const name = [node.name, memberName(node.name, position)].find((name) => wanted.has(name));
      if (name !== undefined && !used.has(name)) used.set(name, node);
    }
  });
  return [...used].filter(([name]) => !declared.has(baseOf(name))).map(([name, node]) => ({ name, node }));
}

const baseOf = (name: string) => name.split('.', 1)[0] ?? name;

function memberName(name: string, { parent, key }: Position): string {
  if (parent?.type !== 'MemberExpression' || key !== 'object' || parent.computed) return name;
  return parent.property.type === 'Identifier' ? `${name}.${parent.property.name}` : name;
}

/** Whether an identifier that stands there is given a value there; property values of patterns are left to the caller. */
export function declares({ parent, key }: Position): boolean {
  switch (parent?.type) {
    case 'VariableDeclarator':
    case 'ClassDeclaration':
    case 'ClassExpression':
      return key === 'id';
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return key === 'id' || key === 'params';
    case 'CatchClause':
      return key === 'param';
    case 'ArrayPattern':
    case 'RestElement':
      return true;
    case 'AssignmentPattern':
    case 'AssignmentExpression':
      return key === 'left';
    default:
      return false;
  }
}

function refers({ parent, key }: Position): boolean {
  switch (parent?.type) {
    case 'MemberExpression':
      return key === 'object' || parent.computed;
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return key === 'value' || parent.computed;
    case 'UnaryExpression':
      return parent.operator !== 'typeof';
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'MetaProperty':
      return false;
    default:
      return true;
  }
}
