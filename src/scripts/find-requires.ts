import { isRelative } from '../../sandbox/contract/helper-paths.ts';
import { declares } from './free-names.ts';
import { isFunction } from './function-value.ts';
import type { ParsedSource } from './parse-source.ts';
import { type AnyNode, type Position, walk } from './walk.ts';

/** A literal `require('x')`, with the 1-based line of the first. */
export interface FoundRequire {
  request: string;
  line: number;
}

export interface RelativeRequire extends FoundRequire {
  /** 1-based. */
  column: number;
  /** Whether it stands in a `try` that catches: the author reckons with a file that is not there. */
  guarded: boolean;
}

export interface FoundRequires {
  /** Of modules, each once. */
  requires: FoundRequire[];
  /** Of files, each once. */
  relative: RelativeRequire[];
}

interface RelativeCall extends RelativeRequire {
  scopes: AnyNode[];
}

/**
 * The literal requires of a source. Relative ones count only where `require` is the one that Node hands to the file:
 * bundles carry modules that are handed one of their own, `{1:[function (require, module, exports) {…`.
 */
export function findRequires({ root, placeOf }: ParsedSource): FoundRequires {
  const requires = new Map<string, FoundRequire>();
  const calls: RelativeCall[] = [];
  const scopes = createScopes(root);
  const guards: AnyNode[] = [];
  walk(root, (node, position) => {
    scopes.visit(node, position);
    if (node.type === 'TryStatement' && node.handler) guards.push(node.block);
    const request = requestOf(node);
    if (request === undefined) return;
    const place = placeOf(node);
    if (isRelative(request)) {
      const guarded = guards.some((block) => block.start <= node.start && node.end <= block.end);
      calls.push({ request, ...place, guarded, scopes: scopes.open() });
    } else if (!requires.has(request)) requires.set(request, { request, line: place.line });
  });
  const own = calls.filter((call) => !call.scopes.some(scopes.declareRequire));
  return { requires: [...requires.values()], relative: eachOnce(own) };
}

function requestOf(node: AnyNode): string | undefined {
  if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return undefined;
  const [argument] = node.arguments;
  return node.callee.name === 'require' && argument ? textOf(argument) : undefined;
}

function textOf(node: AnyNode): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}

/** One that is not guarded stands for those that are. */
function eachOnce(calls: readonly RelativeCall[]): RelativeRequire[] {
  const byRequest = new Map<string, RelativeRequire>();
  for (const { scopes: _, ...call } of calls) {
    const known = byRequest.get(call.request);
    if (!known || (known.guarded && !call.guarded)) byRequest.set(call.request, call);
  }
  return [...byRequest.values()];
}

/** Follows the walk: which functions it is inside of, and which of them have a `require` of their own. */
function createScopes(root: AnyNode) {
  const open = [root];
  const declaring = new Set<AnyNode>();
  const patterns = new Set<AnyNode>();
  return {
    visit(node: AnyNode, position: Position): void {
      while (open.length > 1 && open.at(-1)!.end <= node.start) open.pop();
      if (node.type === 'ObjectPattern') for (const property of node.properties) patterns.add(property);
      if (node.type === 'Identifier' && node.name === 'require') {
        const inPattern = position.key === 'value' && patterns.has(position.parent!);
        if (inPattern || declares(position)) declaring.add(scopeOf(position));
      }
      if (isFunction(node)) open.push(node);
    },
    open: () => [...open],
    declareRequire: (scope: AnyNode) => declaring.has(scope),
  };

  /** A declared function's name belongs to the scope around it. */
  function scopeOf({ parent, key }: Position): AnyNode {
    return open.at(parent?.type === 'FunctionDeclaration' && key === 'id' ? -2 : -1) ?? root;
  }
}
