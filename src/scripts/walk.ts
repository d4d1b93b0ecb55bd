import type { AnyNode } from 'acorn';

export type { AnyNode } from 'acorn';

/** Where a node hangs: its parent and the parent's property that holds it. */
export interface Position {
  parent: AnyNode | undefined;
  key: string;
}

/**
 * Visits a tree in source order. Without recursion: the trees are made of sources that tenants write, and these may
 * nest deeper than a stack goes.
 */
export function walk(root: AnyNode, visit: (node: AnyNode, position: Position) => void): void {
  const waiting: { node: AnyNode; position: Position }[] = [
    { node: root, position: { parent: undefined, key: '' } },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    visit(next.node, next.position);
    waiting.push(...childrenOf(next.node).reverse());
  }
}

function childrenOf(parent: AnyNode): { node: AnyNode; position: Position }[] {
  const children: { node: AnyNode; position: Position }[] = [];
  for (const [key, value] of Object.entries(parent)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (isNode(item)) children.push({ node: item, position: { parent, key } });
    }
  }
  return children;
}

function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
  );
}
