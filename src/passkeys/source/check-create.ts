import { type AnyNode, walk } from '../../scripts/walk.ts';
import { type CallbackUses, takesErrorsAlone } from './callback-uses.ts';
import { isHttpCall } from './check-input-in-text.ts';
import { asksForPassword, isPassword, isUserArgument } from './password-uses.ts';
import { keyOf } from './scopes.ts';
import { isNothing, localFunction, type SourceFinding, type SourceScript } from './source-script.ts';

/** What a signup with a passkey asks of Create. */
export function checkCreate(script: SourceScript, uses: CallbackUses): SourceFinding[] {
  if (script.action !== 'create') return [];
  return [...checkPasswordRequired(script, uses), ...checkReturned(script, uses), ...checkStored(script)];
}

/** Calls that throw, or hash the text "undefined", when there is no password. */
const needing =
  /^(hash|hashSync|update|scrypt|scryptSync|pbkdf2|pbkdf2Sync|byteLength|from|genHash|hashPassword)$/;

function checkPasswordRequired(script: SourceScript, uses: CallbackUses): SourceFinding[] {
  for (const node of script.nodes) {
    if (
      node.type === 'IfStatement' &&
      isPasswordAbsent(node.test, script) &&
      refuses(node.consequent, uses)
    ) {
      const message = 'A user without a password is refused, and a signup with a passkey has none';
      return [script.finding('password_required', message, node)];
    }
    const used = needsPassword(node, script);
    if (!used || isGuarded(node, script)) continue;
    const message = `${used} is done without asking whether there is a password, and a signup with a passkey has none`;
    return [script.finding('password_required', message, node)];
  }
  return [];
}

function needsPassword(node: AnyNode, script: SourceScript): string | undefined {
  if (node.type === 'CallExpression' && node.callee.type !== 'Super') {
    const { callee, arguments: given } = node;
    const name = callee.type === 'MemberExpression' ? keyOf(callee) : undefined;
    const isNeeding = name !== undefined && needing.test(name);
    return isNeeding && given.some((each) => isPassword(each, script)) ? `${name}(…)` : undefined;
  }
  if (node.type !== 'MemberExpression' || node.optional || !isPassword(node.object, script)) return undefined;
  return node.object.type === 'MemberExpression' && node.object.optional
    ? undefined
    : `password.${keyOf(node) ?? '…'}`;
}

function isGuarded(node: AnyNode, { scopes }: SourceScript): boolean {
  for (let at: AnyNode | undefined = node; at; at = scopes.positionOf(at)?.parent) {
    const parent: AnyNode | undefined = scopes.positionOf(at)?.parent;
    if (parent?.type === 'IfStatement' || parent?.type === 'ConditionalExpression') {
      if (parent.test !== at && asksForPassword(parent.test)) return true;
    }
    if (parent?.type === 'LogicalExpression' && parent.right === at && asksForPassword(parent.left))
      return true;
    if (parent?.type === 'BlockStatement') {
      const before = parent.body.slice(0, parent.body.indexOf(at as never));
      if (before.some((each) => each.type === 'IfStatement' && asksForPassword(each.test))) return true;
    }
  }
  return false;
}

/** `!user.password`, `user.password === undefined`, or one of several such demands. */
function isPasswordAbsent(test: AnyNode, script: SourceScript): boolean {
  if (test.type === 'LogicalExpression') {
    return (
      test.operator === '||' && (isPasswordAbsent(test.left, script) || isPasswordAbsent(test.right, script))
    );
  }
  if (test.type === 'UnaryExpression') return test.operator === '!' && isPassword(test.argument, script);
  if (test.type !== 'BinaryExpression' || !/^===?$/.test(test.operator)) return false;
  return isPassword(test.left, script) && (isNothing(test.right) || isEmptyText(test.right));
}

function isEmptyText(node: AnyNode): boolean {
  return node.type === 'Literal' && node.value === '';
}

function refuses(consequent: AnyNode, { calls }: CallbackUses): boolean {
  let refused = false;
  walk(consequent, (node) => {
    if (node.type === 'ThrowStatement') refused = true;
    const call = calls.find((each) => each === node);
    if (call?.arguments[0] && !isNothing(call.arguments[0])) refused = true;
  });
  return refused;
}

function checkReturned(script: SourceScript, { calls, isCallback }: CallbackUses): SourceFinding[] {
  const successes = calls.filter(({ arguments: given }) => isNothing(given[0]));
  const [first] = successes;
  if (!first || successes.some(({ arguments: given }) => !isNothing(given[1]))) return [];
  if (successes.some(({ arguments: given }) => given.some(({ type }) => type === 'SpreadElement'))) return [];
  const handedOn = script.nodes.some((node) => {
    if (!isCallback(node)) return false;
    const { parent, key } = script.scopes.positionOf(node) ?? {};
    return parent?.type === 'CallExpression' && key === 'arguments' && !takesErrorsAlone(node, script);
  });
  const unsure = calls.some((call) => call.arguments[0]?.type === 'Identifier' && call.arguments.length > 1);
  if (handedOn || unsure) return [];
  return [script.finding('create_returns_nothing', 'Create calls back without the profile', first)];
}

const storing =
  /^(insert|insertOne|insertMany|save|create|add|put|post|send|push|set|query|execute|updateOne|replaceOne|patch)$/;

function checkStored(script: SourceScript): SourceFinding[] {
  const removed = script.nodes.some(
    (node) =>
      node.type === 'UnaryExpression' &&
      node.operator === 'delete' &&
      node.argument.type === 'MemberExpression' &&
      isUserArgument(node.argument.object, script),
  );
  const place = removed
    ? undefined
    : script.nodes.find((node) => isUserArgument(node, script) && isStored(node, script));
  if (!place) return [];
  const message =
    'The whole `user` is handed on, with the passkey ceremony in it; name the fields one by one';
  return [script.finding('passkey_material_stored', message, place)];
}

function isStored(node: AnyNode, script: SourceScript): boolean {
  const { parent, key } = script.scopes.positionOf(node) ?? {};
  if (!parent) return false;
  if (parent.type === 'CallExpression') return key === 'arguments' && isStoringCall(parent, script);
  if (parent.type !== 'SpreadElement' && parent.type !== 'Property') return false;
  const object = script.scopes.positionOf(parent)?.parent;
  if (object?.type !== 'ObjectExpression') return false;
  if (parent.type === 'Property' && !/^(data|body|json|form|user|Item|\$set)$/.test(keyOf(parent) ?? ''))
    return false;
  const above = script.scopes.positionOf(object);
  if (above?.parent?.type === 'CallExpression') return isStoringCall(above.parent, script);
  if (above?.parent?.type !== 'VariableDeclarator' || parent.type === 'Property') return false;
  const binding =
    above.parent.id.type === 'Identifier' ? script.scopes.bindingOf(above.parent.id) : undefined;
  return (binding?.references ?? []).some((reference) => {
    const use = script.scopes.positionOf(reference);
    return (
      use?.parent?.type === 'CallExpression' && use.key === 'arguments' && isStoringCall(use.parent, script)
    );
  });
}

function isStoringCall(call: Extract<AnyNode, { type: 'CallExpression' }>, script: SourceScript): boolean {
  if (isHttpCall(call, script)) return true;
  const { callee } = call;
  if (callee.type !== 'MemberExpression' || localFunction(callee, script)) return false;
  const method = keyOf(callee) ?? '';
  if (method === 'stringify') return !isLogged(call, script);
  return storing.test(method) && !isConsole(callee.object);
}

function isConsole(node: AnyNode): boolean {
  return node.type === 'Identifier' && /^(console|logger|log)$/.test(node.name);
}

function isLogged(node: AnyNode, { scopes }: SourceScript): boolean {
  for (let at = scopes.positionOf(node)?.parent; at; at = scopes.positionOf(at)?.parent) {
    if (at.type !== 'CallExpression' || at.callee.type !== 'MemberExpression') continue;
    if (isConsole(at.callee.object)) return true;
  }
  return false;
}

/** `console.log(user)`, `console.log(password)`. */
export function checkLogged(script: SourceScript): SourceFinding[] {
  const { scopes } = script;
  const logged = script.nodes.find((node) => {
    if (!isUserArgument(node, script) && !isPassword(node, script)) return false;
    const parent = scopes.positionOf(node)?.parent;
    // A part of it, or a question about it, says nothing of it.
    if (parent?.type === 'MemberExpression' && !isPassword(node, script)) return false;
    if (parent && /^(UnaryExpression|ConditionalExpression)$/.test(parent.type)) return false;
    const isPart = parent?.type === 'MemberExpression';
    return !isPart && isDirectlyLogged(node, script);
  });
  if (!logged) return [];
  const what = isPassword(logged, script)
    ? 'The password'
    : 'The whole `user`, password and passkey ceremony included,';
  return [script.finding('password_logged', `${what} is written to the log`, logged)];
}

const passing =
  /^(TemplateLiteral|BinaryExpression|ObjectExpression|Property|SpreadElement|ArrayExpression|LogicalExpression)$/;

function isDirectlyLogged(node: AnyNode, { scopes }: SourceScript): boolean {
  for (let at = scopes.positionOf(node)?.parent; at; at = scopes.positionOf(at)?.parent) {
    if (at.type === 'CallExpression') {
      if (at.callee.type !== 'MemberExpression') return false;
      if (isConsole(at.callee.object)) return true;
      if (keyOf(at.callee) !== 'stringify') return false;
    } else if (at.type === 'BinaryExpression' ? at.operator !== '+' : !passing.test(at.type)) return false;
  }
  return false;
}
