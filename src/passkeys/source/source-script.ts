import type { ActionName } from '../../../sandbox/contract/actions.ts';
import { parameterNames } from '../../scripts/contracts.ts';
import { countParameters, type FunctionNode, isFunction } from '../../scripts/function-value.ts';
import type { ParsedSource } from '../../scripts/parse-source.ts';
import { type AnyNode, walk } from '../../scripts/walk.ts';
import type { Finding } from '../finding.ts';
import { entryFunction } from './entry-function.ts';
import { type Binding, onlyValue, readScopes, type Scopes } from './scopes.ts';
import type { SourceCode } from './source-codes.ts';

export type SourceFinding = Finding<SourceCode>;

/** A script as the checks see it. */
export interface SourceScript {
  action: ActionName;
  file: string;
  parsed: ParsedSource;
  scopes: Scopes;
  /** In source order. */
  nodes: readonly AnyNode[];
  /** None where it is made at run time: then little can be said. */
  entry: FunctionNode | undefined;
  /** The contract's arguments before the context object, as the entry names them. */
  inputs: readonly Binding[];
  context: Binding | undefined;
  callback: Binding | undefined;
  textAt(node: AnyNode): string;
  /** 1-based. */
  lineOf(node: AnyNode): number;
  finding(code: SourceCode, message: string, node?: AnyNode): SourceFinding;
}

export interface ScriptText {
  action: ActionName;
  file: string;
  source: string;
}

export function readSourceScript({ action, file, source }: ScriptText, parsed: ParsedSource): SourceScript {
  const scopes = readScopes(parsed.root);
  const lineOf = (node: AnyNode) => parsed.placeOf(node).line;
  const entry = entryFunction(parsed, action);
  const parameters = entry ? parameterBindings(entry, scopes) : [];
  const inputCount = parameterNames(action, 'plain').length - 1;
  const count = entry ? countParameters(entry) : 'unknown';
  const takesContext = count === inputCount + 2;
  return {
    action,
    file,
    parsed,
    scopes,
    nodes: scopes.nodes,
    entry,
    inputs: scopes.bindings.filter(({ parameterOf }) => {
      return parameterOf && parameterOf.fn === entry && parameterOf.index < inputCount;
    }),
    context: takesContext ? parameters[inputCount] : undefined,
    callback: takesContext || count === inputCount + 1 ? parameters.at(-1) : undefined,
    lineOf,
    textAt: (node) => {
      const offset = parsed.offsetOf(node);
      return source.slice(offset, offset + node.end - node.start);
    },
    finding: (code, message, node) => ({
      code,
      message,
      script: action,
      file,
      ...(node ? { line: lineOf(node) } : {}),
    }),
  };
}

function parameterBindings(entry: FunctionNode, { bindings }: Scopes): (Binding | undefined)[] {
  return entry.params.map((_, place) =>
    bindings.find(({ parameterOf }) => {
      return parameterOf?.fn === entry && parameterOf.index === place && parameterOf.property === undefined;
    }),
  );
}

/** The function that an expression surely is: written there, or the one that its name was given, once. */
export function localFunction(
  node: AnyNode,
  { scopes }: Pick<SourceScript, 'scopes'>,
): FunctionNode | undefined {
  if (node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression') return node;
  if (node.type !== 'Identifier') return undefined;
  const value = onlyValue(scopes.bindingOf(node));
  return value && isFunction(value) ? value : undefined;
}

const returnedByFunction = new WeakMap<FunctionNode, AnyNode[]>();

/** What a function may return, functions inside it left out. */
export function returnedBy(fn: FunctionNode, { scopes }: Pick<SourceScript, 'scopes'>): AnyNode[] {
  if (fn.body.type !== 'BlockStatement') return [fn.body];
  const known = returnedByFunction.get(fn);
  if (known) return known;
  const returned: AnyNode[] = [];
  returnedByFunction.set(fn, returned);
  walk(fn.body, (node) => {
    if (node.type !== 'ReturnStatement' || !node.argument) return;
    if (scopes.functionsAround(node)[0] === fn) returned.push(node.argument);
  });
  return returned;
}

export function textOf(node: AnyNode): string | undefined {
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}

/** `callback()`, `null`, `undefined`, `void 0`, `false`. */
export function isNothing(node: AnyNode | undefined | null): boolean {
  if (!node) return true;
  if (node.type === 'Literal') return node.value === null || node.value === false;
  if (node.type === 'UnaryExpression') return node.operator === 'void';
  return node.type === 'Identifier' && node.name === 'undefined';
}
