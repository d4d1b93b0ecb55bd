import type { AnyNode } from '../../scripts/walk.ts';
import { keyOf, onlyValue } from './scopes.ts';
import { type SourceFinding, type SourceScript, textOf } from './source-script.ts';
import type { ValueFlow } from './value-flow.ts';

type Call = Extract<AnyNode, { type: 'CallExpression' | 'NewExpression' }>;

const httpLibraries =
  /^(axios|request|request-promise(-native)?|got|superagent|needle|node-fetch|cross-fetch|undici|https?|ky|phin|wretch)(@|$)/;
const httpMethods = /^(get|head|post|put|patch|delete|del|options|request|fetch|stream|defaults)$/;
const urlKeys = /^(url|uri|path|pathname|href|baseURL|baseUrl)$/;
const statementMethods = /^(query|execute|queryAsync|executeAsync|raw|run|all|prepare|batch|exec)$/;
const statementKeys = /^(text|sql)$/;
const looksLikeSql = /\b(select|insert\s+into|update|delete\s+from|where|call|exec)\b/i;

/** A value of the user's that becomes part of an address, or of an SQL statement. */
export function checkInputInText(script: SourceScript, flow: ValueFlow): SourceFinding[] {
  return script.nodes.flatMap((node): SourceFinding[] => {
    if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return [];
    if (isHttpCall(node, script)) {
      const input = firstInput(addressesOf(node, script), flow);
      if (!input) return [];
      const message = `The URL of this call holds \`${input}\` without encodeURIComponent`;
      return [script.finding('identifier_unencoded', message, node)];
    }
    const statements = statementsOf(node, script).filter((each) =>
      flow.textsIn(each).some((text) => looksLikeSql.test(text)),
    );
    const input = firstInput(statements, flow);
    if (!input) return [];
    const message = `The text of this SQL statement holds \`${input}\``;
    return [script.finding('identifier_in_sql', message, node)];
  });
}

function firstInput(nodes: readonly AnyNode[], flow: ValueFlow): string | undefined {
  for (const node of nodes) {
    const input = flow.inputIn(node);
    if (input) return input;
  }
  return undefined;
}

/** `axios.get(…)`, `fetch(…)`, `client.post(…)` of a client that an HTTP library made. */
export function isHttpCall(node: AnyNode, script: SourceScript): boolean {
  if (node.type !== 'CallExpression') return false;
  const { callee } = node;
  if (callee.type !== 'MemberExpression') return isHttpClient(callee, script);
  return httpMethods.test(keyOf(callee) ?? '') && isHttpClient(callee.object, script);
}

function isHttpClient(node: AnyNode, script: SourceScript, depth = 0): boolean {
  if (depth > 8) return false;
  const next = (each: AnyNode) => isHttpClient(each, script, depth + 1);
  if (node.type === 'AwaitExpression') return next(node.argument);
  if (node.type === 'CallExpression') {
    if (node.callee.type === 'Identifier' && node.callee.name === 'require') {
      return httpLibraries.test((textOf(node.arguments[0] ?? node) ?? '').replace(/^node:/, ''));
    }
    // axios.create(…), got.extend(…), request.defaults(…)
    const made =
      node.callee.type === 'MemberExpression' && /^(create|extend|defaults)$/.test(keyOf(node.callee) ?? '');
    return made && node.callee.type === 'MemberExpression' && next(node.callee.object);
  }
  if (node.type === 'MemberExpression') return keyOf(node) === 'default' && next(node.object);
  if (node.type !== 'Identifier') return false;
  const binding = script.scopes.bindingOf(node);
  if (!binding) return node.name === 'fetch' || node.name === 'request';
  return binding.inflows.some(({ value }) => next(value));
}

function addressesOf({ arguments: given }: Call, script: SourceScript): AnyNode[] {
  return given.slice(0, 2).flatMap((argument, place) => {
    const object = objectOf(argument, script);
    if (object) return valuesOf(object, urlKeys);
    return place === 0 ? [argument] : [];
  });
}

function statementsOf(node: Call, script: SourceScript): AnyNode[] {
  const [first] = node.arguments;
  if (!first) return [];
  const { callee } = node;
  const isStatement =
    node.type === 'NewExpression'
      ? callee.type === 'Identifier' && callee.name === 'Request'
      : callee.type === 'MemberExpression' && statementMethods.test(keyOf(callee) ?? '');
  if (!isStatement) {
    return callee.type === 'MemberExpression' && keyOf(callee) === 'Request' ? [first] : [];
  }
  const object = objectOf(first, script);
  return object ? valuesOf(object, statementKeys) : [first];
}

/** The object literal that an argument is, directly or by a name. */
function objectOf(
  node: AnyNode,
  script: SourceScript,
): Extract<AnyNode, { type: 'ObjectExpression' }> | undefined {
  if (node.type === 'ObjectExpression') return node;
  if (node.type !== 'Identifier') return undefined;
  const value = onlyValue(script.scopes.bindingOf(node));
  return value?.type === 'ObjectExpression' ? value : undefined;
}

function valuesOf(object: Extract<AnyNode, { type: 'ObjectExpression' }>, keys: RegExp): AnyNode[] {
  return object.properties.flatMap((each) =>
    each.type === 'Property' && keys.test(keyOf(each) ?? '') ? [each.value] : [],
  );
}
