import type { AnyNode } from '../../scripts/walk.ts';
import type { CallNode } from './callback-uses.ts';
import { keyOf } from './scopes.ts';

/** `.then(onSuccess, onError)`, `.catch(onError)`, `.finally(onSuccess)`. */
export interface ChainLink {
  call: CallNode;
  onSuccess: AnyNode | undefined;
  onError: AnyNode | undefined;
}

export interface PromiseChain {
  /** What makes the promise. */
  root: AnyNode;
  /** In the order in which they run. */
  links: ChainLink[];
}

/** Reads `store.find(id).then(…).catch(…)` apart; none where an expression is no chain. */
export function readPromiseChain(node: AnyNode): PromiseChain | undefined {
  const links: ChainLink[] = [];
  let root = node;
  while (root.type === 'CallExpression' && root.callee.type === 'MemberExpression') {
    const [first, second] = root.arguments;
    const method = keyOf(root.callee);
    if (method === 'then') links.unshift({ call: root, onSuccess: first, onError: second });
    else if (method === 'finally') links.unshift({ call: root, onSuccess: first, onError: undefined });
    else if (method === 'catch') links.unshift({ call: root, onSuccess: undefined, onError: first });
    else break;
    root = root.callee.object;
  }
  return links.length > 0 ? { root, links } : undefined;
}
