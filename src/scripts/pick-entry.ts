import type { AnyNode } from 'acorn';
import type { ScriptEntry } from '../../sandbox/contract/definition.ts';
import { functionHeldBy, isFunction } from './function-value.ts';
import type { Binding, Exported, TopLevel } from './top-level.ts';
import { walk } from './walk.ts';

export interface PickedEntry {
  entry: ScriptEntry;
  parameters: number | 'unknown';
}

/**
 * Which function of a script is its entry: what it exports; else the one with a recommended name; else one that
 * stands alone; else the last one declared at the top level.
 */
export function pickEntry(top: TopLevel, names: readonly string[]): PickedEntry | undefined {
  return pickExported(top, names) ?? pickNamed(top, names) ?? pickLone(top) ?? pickLast(top);
}

function declared({ name, parameters }: Binding): PickedEntry {
  return { entry: { form: 'declared', name }, parameters };
}

function bindingOf(node: AnyNode, { bindings }: TopLevel): Binding | undefined {
  return node.type === 'Identifier' ? bindings.findLast(({ name }) => name === node.name) : undefined;
}

function pickExported(top: TopLevel, names: readonly string[]): PickedEntry | undefined {
  const whole = top.exported.findLast(({ key }) => key === undefined);
  const keyed = top.exported.filter(({ key }) => key !== undefined);
  if (whole?.value.type === 'ObjectExpression') keyed.push(...propertiesOf(whole.value));
  else if (whole && !isEsbuildExports(whole.value)) {
    const picked = pickValue(whole, top);
    if (picked) return picked;
  }
  for (const wanted of [...names, 'default']) {
    const found = keyed.findLast(({ key }) => key === wanted);
    const picked = found && pickValue(found, top);
    if (picked) return picked;
  }
  return undefined;
}

function pickValue({ key, value }: Exported, top: TopLevel): PickedEntry | undefined {
  const binding = bindingOf(value, top);
  if (binding) return declared(binding);
  const held = functionHeldBy(value, top.lookup);
  if (held === undefined) return undefined;
  const entry: ScriptEntry = { form: 'exports', ...(key === undefined ? {} : { key }) };
  return { entry, parameters: held.parameters };
}

function propertiesOf(object: Extract<AnyNode, { type: 'ObjectExpression' }>): Exported[] {
  return object.properties.flatMap((property) => {
    if (property.type !== 'Property' || property.computed || property.kind !== 'init') return [];
    const { key, value } = property;
    const name =
      key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : undefined;
    return name === undefined ? [] : [{ key: name, value }];
  });
}

/** `module.exports = __toCommonJS(entry_exports)`: an object whose keys are listed elsewhere. */
function isEsbuildExports(value: AnyNode): boolean {
  return (
    value.type === 'CallExpression' &&
    value.callee.type === 'Identifier' &&
    value.callee.name === '__toCommonJS'
  );
}

function pickNamed(top: TopLevel, names: readonly string[]): PickedEntry | undefined {
  const named = (wanted: readonly string[], certainty: Binding['certainty']) =>
    wanted
      .map((name) => top.bindings.findLast((each) => each.name === name && each.certainty === certainty))
      .find((each) => each !== undefined);
  const plain = named(names, 'certain');
  const wrapper = named(names.flatMap(wrapperNames), 'certain');
  if (wrapper && (!plain || wraps(wrapper, plain))) return declared(wrapper);
  if (plain) return declared(plain);
  const possible = named(names, 'possible');
  return possible && outranksLast(possible, top) ? declared(possible) : undefined;
}

/** What bundlers and their plugins call the function that they put around the author's own. */
function wrapperNames(name: string): string[] {
  return [`${name}_wrapper`, `${name}Wrapper`, `${name}_default`];
}

function wraps(wrapper: Binding, inner: Binding): boolean {
  return mentions(wrapper.node, inner.name) && !mentions(inner.node, wrapper.name);
}

/** `const create = axios.create()` before the entry is no entry; `const login = makeLogin(…)` is. */
function outranksLast(possible: Binding, { bindings }: TopLevel): boolean {
  const last = bindings.findLast(({ certainty }) => certainty === 'certain');
  if (!last || bindings.indexOf(possible) > bindings.indexOf(last)) return true;
  return mentions(possible.node, last.name);
}

function mentions(node: AnyNode, name: string): boolean {
  let found = false;
  walk(node, (each) => {
    if (each.type === 'Identifier' && each.name === name) found = true;
  });
  return found;
}

function pickLone({ lone }: TopLevel): PickedEntry | undefined {
  const last = lone.at(-1);
  return last && { entry: { form: 'statement', offset: last.offset }, parameters: last.parameters };
}

function pickLast({ bindings }: TopLevel): PickedEntry | undefined {
  const last =
    bindings.findLast(({ certainty }) => certainty === 'certain') ??
    bindings.findLast(({ node }) => node.type === 'CallExpression' && node.arguments.some(isFunction));
  return last && declared(last);
}
