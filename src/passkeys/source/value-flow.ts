import type { AnyNode } from '../../scripts/walk.ts';
import { type Binding, type Inflow, keyOf } from './scopes.ts';
import { localFunction, returnedBy, type SourceScript } from './source-script.ts';

export interface ValueFlow {
  /** The input of the entry whose text the value holds as it is: `identifierValue`, `user.email`. */
  inputIn(node: AnyNode): string | undefined;
  /** The constant texts that the value may be made of. */
  textsIn(node: AnyNode): string[];
  /** The expressions that a value may come from, names and local functions followed, choices taken apart. */
  originsOf(node: AnyNode): AnyNode[];
}

/** Deeper than people write; what nests deeper is left unjudged. */
const DEEPEST = 40;
/** Values that a name may have; more are left unjudged. */
const MOST_INFLOWS = 12;

/** These leave a text what it is; any other call is taken to make something new and harmless of it. */
const keeping =
  /^(toLowerCase|toUpperCase|toLocaleLowerCase|trim|trimStart|trimEnd|toString|normalize|concat|valueOf)$/;

export function createValueFlow(script: SourceScript): ValueFlow {
  const { scopes } = script;
  const inputs = new Set(script.inputs);
  const known = new Map<Binding, string | undefined>();
  const passed = argumentsOf(script);
  return {
    inputIn: (node) => inputIn(node, 0),
    textsIn: (node) => textsIn(node, 0),
    originsOf: (node) => originsOf(node, 0, new Set()),
  };

  function inflowsOf(binding: Binding): Inflow[] {
    const given = passed.get(binding) ?? [];
    return binding.inflows.length + given.length > MOST_INFLOWS ? [] : [...binding.inflows, ...given];
  }

  function inputIn(node: AnyNode, depth: number): string | undefined {
    if (depth > DEEPEST) return undefined;
    const within = (...nodes: (AnyNode | null | undefined)[]) => {
      for (const each of nodes) {
        const found = each && inputIn(each, depth + 1);
        if (found) return found;
      }
      return undefined;
    };
    switch (node.type) {
      case 'Identifier': {
        const binding = scopes.bindingOf(node);
        return binding && inputOf(binding, depth);
      }
      case 'MemberExpression': {
        const key = keyOf(node);
        if (key === undefined || key === 'length' || node.object.type !== 'Identifier') return undefined;
        const binding = scopes.bindingOf(node.object);
        // Only of what is an object: a text's own properties are no text of the user's.
        return binding && isUser(binding) ? `${node.object.name}.${key}` : undefined;
      }
      case 'TemplateLiteral':
        return within(...node.expressions);
      case 'BinaryExpression':
        return node.operator === '+' ? within(node.left, node.right) : undefined;
      case 'LogicalExpression':
        return node.operator === '&&' ? within(node.right) : within(node.left, node.right);
      case 'ConditionalExpression':
        return within(node.consequent, node.alternate);
      case 'AwaitExpression':
        return within(node.argument);
      case 'ChainExpression':
        return within(node.expression);
      case 'NewExpression':
        return isNamed(node.callee, 'URL') ? within(node.arguments[0]) : undefined;
      case 'CallExpression': {
        const { callee } = node;
        if (callee.type === 'Identifier') {
          if (callee.name === 'String' || callee.name === 'encodeURI') return within(node.arguments[0]);
          const fn = localFunction(callee, script);
          return fn && within(...returnedBy(fn, script).slice(0, MOST_INFLOWS));
        }
        if (callee.type !== 'MemberExpression' || !keeping.test(keyOf(callee) ?? '')) return undefined;
        return within(callee.object, ...(keyOf(callee) === 'concat' ? node.arguments : []));
      }
      default:
        return undefined;
    }
  }

  function inputOf(binding: Binding, depth: number): string | undefined {
    if (inputs.has(binding)) return isUser(binding) ? undefined : binding.name;
    if (known.has(binding)) return known.get(binding);
    known.set(binding, undefined); // a circle of names ends here
    for (const { value, property } of inflowsOf(binding)) {
      const found =
        property === undefined ? inputIn(value, depth + 1) : takenOut(value, property, binding.name);
      if (!found) continue;
      known.set(binding, found);
      return found;
    }
    return undefined;
  }

  /** `const { email } = user` */
  function takenOut(value: AnyNode, property: string, name: string): string | undefined {
    if (value.type !== 'Identifier' || property === '?') return undefined;
    const binding = scopes.bindingOf(value);
    return binding && isUser(binding) ? name : undefined;
  }

  /** Create's first argument is an object, and so may be a local function's parameter that is given it. */
  function isUser(binding: Binding): boolean {
    if (inputs.has(binding)) return script.action === 'create' && binding.parameterOf?.property === undefined;
    return inflowsOf(binding).some(({ value, property }) => {
      if (value.type !== 'Identifier' || property !== undefined) return false;
      const from = scopes.bindingOf(value);
      return from !== undefined && from !== binding && inputs.has(from) && isUser(from);
    });
  }

  function textsIn(node: AnyNode, depth: number): string[] {
    if (depth > DEEPEST) return [];
    const within = (nodes: readonly AnyNode[]) => nodes.flatMap((each) => textsIn(each, depth + 1));
    switch (node.type) {
      case 'Literal':
        return typeof node.value === 'string' ? [node.value] : [];
      case 'TemplateLiteral':
        return [...node.quasis.map(({ value }) => value.cooked ?? ''), ...within(node.expressions)];
      case 'BinaryExpression':
        return node.left.type === 'PrivateIdentifier' ? [] : within([node.left, node.right]);
      case 'ConditionalExpression':
        return within([node.consequent, node.alternate]);
      case 'Identifier': {
        // Half the depth that is left: of several values that each have several, not all are followed.
        const binding = scopes.bindingOf(node);
        if (!binding || depth > DEEPEST / 4) return [];
        return inflowsOf(binding).flatMap(({ value }) => textsIn(value, depth + DEEPEST / 8));
      }
      default:
        return [];
    }
  }

  function originsOf(node: AnyNode, depth: number, seen: Set<AnyNode>): AnyNode[] {
    if (depth > DEEPEST || seen.has(node)) return [];
    seen.add(node);
    const within = (nodes: readonly AnyNode[]) => nodes.flatMap((each) => originsOf(each, depth + 1, seen));
    switch (node.type) {
      case 'Identifier': {
        const binding = scopes.bindingOf(node);
        const inflows = binding ? inflowsOf(binding) : [];
        const whole = inflows.filter(({ property }) => property === undefined);
        return whole.length === inflows.length && whole.length > 0
          ? within(whole.map(({ value }) => value))
          : [node];
      }
      case 'ConditionalExpression':
        return within([node.consequent, node.alternate]);
      case 'LogicalExpression':
        return node.operator === '&&' ? within([node.right]) : within([node.left, node.right]);
      case 'AwaitExpression':
        return within([node.argument]);
      case 'CallExpression': {
        const fn = localFunction(node.callee, script);
        return fn ? within(returnedBy(fn, script)) : [node];
      }
      default:
        return [node];
    }
  }
}

/** What the calls in the source pass to the parameters of its own functions. */
function argumentsOf(script: SourceScript): Map<Binding, Inflow[]> {
  const parameters = new Map<AnyNode, Binding[]>();
  for (const binding of script.scopes.bindings) {
    const fn = binding.parameterOf?.fn;
    if (fn && fn !== script.entry) parameters.set(fn, [...(parameters.get(fn) ?? []), binding]);
  }
  const passed = new Map<Binding, Inflow[]>();
  for (const node of script.nodes) {
    if (node.type !== 'CallExpression') continue;
    const fn = localFunction(node.callee, script);
    for (const binding of (fn && parameters.get(fn)) ?? []) {
      const value = node.arguments[binding.parameterOf?.index ?? 0];
      if (!value) continue;
      const property = binding.parameterOf?.property;
      const inflows = passed.get(binding) ?? [];
      inflows.push({ value, property });
      passed.set(binding, inflows);
    }
  }
  return passed;
}

function isNamed(node: AnyNode, name: string): boolean {
  return node.type === 'Identifier' && node.name === name;
}
