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
    const children = childrenOf(next.node);
    for (let place = children.length - 1; place >= 0; place -= 1) waiting.push(children[place]!);
  }
}

/** Without copies of what a node has: large sources have a hundred thousand nodes, and are walked several times. */
function childrenOf(parent: AnyNode): { node: AnyNode; position: Position }[] {
  const children: { node: AnyNode; position: Position }[] = [];
  for (const key of Object.keys(parent)) {
    const value: unknown = parent[key as keyof AnyNode];
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) children.push({ node: item, position: { parent, key } });
    } else if (isNode(value)) children.push({ node: value, position: { parent, key } });
  }
  return children;
}

function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
  );
}
