import type { Mask } from './mask-secrets.ts';
import { ownNames } from './own-names.ts';

/** A copy of what is JSON, with every text in it masked, keys of objects too but for the contract's own. */
export function maskTree<Tree>(value: Tree, mask: Mask): Tree {
  return masked(value, mask) as Tree;
}

function masked(value: unknown, mask: Mask): unknown {
  if (typeof value === 'string') return mask(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => masked(item, mask));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [ownNames.has(key) ? key : mask(key), masked(inner, mask)]),
  );
}
