import { type FunctionNode, isFunction } from '../../scripts/function-value.ts';
import { type AnyNode, walk } from '../../scripts/walk.ts';
import { type AssignedValues, awaits } from './assigned-values.ts';
import type { CallbackUses } from './callback-uses.ts';
import type { ExpressionWays } from './expression-ways.ts';
import {
  join,
  merge,
  type PathState,
  untraced,
  type Ways,
  ways,
  withoutFactsOn,
  withSource,
} from './path-state.ts';
import { namesIn } from './scopes.ts';

export interface StatementOptions {
  expressions: ExpressionWays;
  values: AssignedValues;
  uses: CallbackUses;
  /** An expression whose value nobody uses, or that is returned: promise chains and calls with a callback stand there. */
  effect(node: AnyNode, states: PathState[], place: 'statement' | 'awaited' | 'returned'): PathState[];
  /** Where the function returns, with what, and where it falls off its end. */
  onEnd?(value: AnyNode | null | undefined, states: PathState[]): void;
}

/** The ways through a function's body: where it falls off its end, or returns. Ways that throw are left out. */
export function waysThrough(fn: FunctionNode, options: StatementOptions, begin: PathState[]): PathState[] {
  const { expressions, values, uses, effect, onEnd } = options;
  const at = fn.body.type === 'BlockStatement' ? fn : fn.body;
  const states = begin.map((state) => ({ ...state, at }));
  if (fn.body.type !== 'BlockStatement') {
    onEnd?.(fn.body, states);
    return effect(fn.body, states, 'returned');
  }
  const { on, out } = run(fn.body, states);
  onEnd?.(undefined, on);
  return merge(on, out);

  function run(node: AnyNode, before: PathState[]): Ways {
    if (before.length === 0) return ways([]);
    const states = node.type === 'BlockStatement' ? before : before.map((state) => ({ ...state, at: node }));
    switch (node.type) {
      case 'BlockStatement':
      case 'StaticBlock':
        return sequence(node.body, states);
      case 'ExpressionStatement': {
        const { expression } = node;
        if (expression.type !== 'AwaitExpression') return ways(effect(expression, states, 'statement'));
        return ways(effect(expression.argument, states, 'awaited'));
      }
      case 'VariableDeclaration':
        return ways(node.declarations.reduce((at, each) => declared(each.id, each.init, at), states));
      case 'ReturnStatement':
        onEnd?.(node.argument, states);
        return { ...ways([]), out: node.argument ? effect(node.argument, states, 'returned') : states };
      case 'ThrowStatement':
        return { ...ways([]), thrown: expressions.value(node.argument, states) };
      case 'IfStatement': {
        const { yes, no } = expressions.test(node.test, states);
        const [then, otherwise] = [
          run(node.consequent, yes),
          node.alternate ? run(node.alternate, no) : ways(no),
        ];
        const both = join(then, otherwise);
        return then.on.length > 0 && otherwise.on.length > 0 ? { ...both, on: untraced(both.on) } : both;
      }
      case 'SwitchStatement':
        return switched(node, states);
      case 'TryStatement':
        return tried(node, states);
      case 'BreakStatement':
        return { ...ways([]), broken: node.label ? doubt(states) : states };
      case 'ContinueStatement':
        return { ...ways([]), continued: node.label ? doubt(states) : states };
      case 'LabeledStatement': {
        const inner = run(node.body, states);
        return { ...inner, on: merge(inner.on, inner.broken), broken: [] };
      }
      case 'WhileStatement':
      case 'DoWhileStatement':
      case 'ForStatement':
      case 'ForOfStatement':
      case 'ForInStatement':
        return looped(node, states);
      default:
        return ways(states);
    }
  }

  function sequence(statements: readonly AnyNode[], states: PathState[]): Ways {
    let all = ways(states);
    for (const statement of statements) {
      const next = run(statement, all.on);
      all = isOnly(next) ? { ...all, on: next.on } : { ...join({ ...all, on: [] }, next), on: next.on };
    }
    return all;
  }

  function declared(id: AnyNode, init: AnyNode | null | undefined, states: PathState[]): PathState[] {
    // A function that is only named does nothing yet, nor does another name for the callback.
    const isNamedOnly = init && (isFunction(init) || uses.isCallback(init));
    const after = isNamedOnly ? states : expressions.value(init, states);
    return values.assigned(id, init ?? undefined, after);
  }

  function switched(node: Extract<AnyNode, { type: 'SwitchStatement' }>, states: PathState[]): Ways {
    const about = expressions.test(node.discriminant, states);
    const base = merge(about.yes, about.no).map((state) => ({ ...state, at: node as AnyNode }));
    let all = ways([]);
    for (const { consequent } of node.cases) {
      const next = sequence(consequent, merge(all.on, base));
      all = { ...join({ ...all, on: [] }, next), on: next.on };
    }
    const isTotal = node.cases.some(
      ({ test }) => !test || (test.type === 'Identifier' && test.name === 'undefined'),
    );
    return { ...all, on: merge(all.on, all.broken, isTotal ? [] : base), broken: [] };
  }

  function tried(
    { block, handler, finalizer }: Extract<AnyNode, { type: 'TryStatement' }>,
    states: PathState[],
  ): Ways {
    const within = run(block, states);
    const { canThrow, isAwaiting, names, asked } = readBlock(block);
    const thrown = merge(canThrow ? states : [], within.thrown).map((state) => {
      // What was to be asked for and is nothing yet stays so when the asking fails.
      const empty = [...asked].filter((name) => state.facts.get(name) === false);
      const left = withoutFactsOn(state, new Set([...names].filter((name) => !empty.includes(name))));
      return empty.reduce((at, name) => withSource(at, name, 'outage'), left);
    });
    let all = within;
    if (handler) {
      const begin = thrown.map((state) => (isAwaiting ? { ...state, failed: true, examined: false } : state));
      all = join({ ...within, thrown: [] }, run(handler.body, begin));
    } else all = { ...within, thrown };
    if (!finalizer) return all;
    const after = (group: PathState[]) => run(finalizer, group);
    const [on, out, failing] = [after(all.on), after(all.out), after(all.thrown)];
    const returned = merge(out.on, on.out, out.out, failing.out);
    return { ...all, on: on.on, out: returned, thrown: merge(failing.on, on.thrown) };
  }

  function readBlock(block: AnyNode): BlockUses {
    let [canThrow, isAwaiting] = [false, false];
    const names = new Set<string>();
    const asked = new Set<string>();
    walk(block, (node) => {
      if (node.type === 'AwaitExpression' || node.type === 'YieldExpression') isAwaiting = true;
      if (node.type === 'CallExpression' && !uses.isCallback(node.callee)) canThrow = true;
      if (node.type === 'NewExpression' && !isError(node.callee)) canThrow = true;
      if (node.type !== 'AssignmentExpression') return;
      const isAsked = awaits(node.right);
      for (const { identifier } of namesIn(node.left)) {
        if (identifier.type !== 'Identifier') continue;
        names.add(identifier.name);
        if (isAsked) asked.add(identifier.name);
      }
    });
    return { canThrow: canThrow || isAwaiting, isAwaiting, names, asked };
  }

  function looped(node: Loop, states: PathState[]): Ways {
    const { names } = readBlock(node.body);
    const isCounted = node.type === 'ForOfStatement' || node.type === 'ForInStatement';
    let head = states.map((state) => withoutFactsOn(state, names));
    if (node.type === 'ForStatement' && node.init) {
      head =
        node.init.type === 'VariableDeclaration'
          ? run(node.init, head).on
          : expressions.value(node.init, head);
    }
    if (isCounted) head = expressions.value(node.right, head);
    const tested = (at: PathState[]) => (isCounted ? { yes: at, no: at } : expressions.test(node.test, at));
    const first = node.type === 'DoWhileStatement' ? { yes: head, no: [] } : tested(head);
    const body = run(node.body, first.yes);
    const round = merge(body.on, body.continued).map((state) => withoutFactsOn(state, names));
    const again = tested(round);
    // A loop that tries again until it has answered is known to end so; how often it turns is not.
    const answers = !isCounted && merge(body.out, round).some(({ called, unsure }) => called || unsure);
    const ends = merge(first.no, again.no);
    return {
      on: merge(
        answers ? ends.map((state) => (state.called ? state : { ...state, unsure: true })) : ends,
        body.broken,
      ),
      out: body.out,
      thrown: body.thrown,
      broken: [],
      continued: [],
    };
  }
}

interface BlockUses {
  canThrow: boolean;
  isAwaiting: boolean;
  /** Given a value in it. */
  names: Set<string>;
  /** Given one by something that is awaited. */
  asked: Set<string>;
}

type Loop = Extract<
  AnyNode,
  { type: 'WhileStatement' | 'DoWhileStatement' | 'ForStatement' | 'ForOfStatement' | 'ForInStatement' }
>;

/** Most statements lead on, and nowhere else. */
function isOnly({ out, thrown, broken, continued }: Ways): boolean {
  return out.length + thrown.length + broken.length + continued.length === 0;
}

function isError(callee: AnyNode): boolean {
  return callee.type === 'Identifier' && /Error$/.test(callee.name);
}

function doubt(states: readonly PathState[]): PathState[] {
  return states.map((state) => ({ ...state, unsure: true }));
}
