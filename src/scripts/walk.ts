import type { AnyNode } from 'acorn';

export type { AnyNode } from 'acorn';

/** Where a node hangs: its parent and the parent's property that holds it. */
export interface Position {
  readonly parent: AnyNode | undefined;
  readonly key: string;
}

const atRoot: Position = { parent: undefined, key: '' };

/**
 * Visits a tree in source order. Without recursion: the trees are made of sources that tenants write, and these may
 * nest deeper than a stack goes. Large sources have a hundred thousand nodes and are walked several times, so what is
 * made for each of them is little: nodes of one list share their position.
 */
export function walk(root: AnyNode, visit: (node: AnyNode, position: Position) => void): void {
  const nodes: AnyNode[] = [root];
  const positions: Position[] = [atRoot];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    visit(node, positions.pop()!);
    const first = nodes.length;
    for (const key in node) {
      const value: unknown = node[key as keyof AnyNode];
      if (typeof value !== 'object' || value === null) continue;
      if (isNode(value)) {
        nodes.push(value);
        positions.push({ parent: node, key });
      } else if (Array.isArray(value)) {
        const position = { parent: node, key };
        for (const item of value) {
          if (!isNode(item)) continue;
          nodes.push(item);
          positions.push(position);
        }
      }
    }
    reverseFrom(nodes, first);
    reverseFrom(positions, first);
  }
}

/** In source order. */
export function childrenOf(node: AnyNode): AnyNode[] {
  const children: AnyNode[] = [];
  for (const key in node) {
    const value: unknown = node[key as keyof AnyNode];
    if (isNode(value)) children.push(value);
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) children.push(item);
  }
  return children;
}

/** What is taken next lies last. */
function reverseFrom(list: unknown[], first: number): void {
  for (let low = first, high = list.length - 1; low < high; low += 1, high -= 1) {
    const item = list[low];
    list[low] = list[high];
    list[high] = item;
  }
}

function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
  );
}
