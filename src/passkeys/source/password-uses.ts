import { type AnyNode, walk } from '../../scripts/walk.ts';
import { keyOf } from './scopes.ts';
import type { SourceScript } from './source-script.ts';

/** Whether an expression is the password that the script was given: `user.password`, `password`. */
export function isPassword(node: AnyNode, script: SourceScript): boolean {
  if (node.type === 'ChainExpression') return isPassword(node.expression, script);
  if (node.type === 'MemberExpression')
    return keyOf(node) === 'password' && isUserArgument(node.object, script);
  if (node.type !== 'Identifier') return false;
  const binding = script.scopes.bindingOf(node);
  if (!binding) return false;
  const { parameterOf, inflows } = binding;
  if (parameterOf && parameterOf.fn === script.entry) {
    if (inflows.length > 0) return false; // with a default value
    if (script.action === 'create') return parameterOf.property === 'password';
    const isSecond = script.action === 'login' || script.action === 'change_password';
    return isSecond && parameterOf.index === 1;
  }
  const only = inflows.length === 1 ? inflows[0] : undefined;
  if (!only) return false;
  if (only.property !== undefined) return only.property === 'password' && isUserArgument(only.value, script);
  return only.value.type === 'MemberExpression' && isPassword(only.value, script);
}

/** Create's first argument, whole. */
export function isUserArgument(node: AnyNode, script: SourceScript): boolean {
  if (script.action !== 'create' || node.type !== 'Identifier') return false;
  const binding = script.scopes.bindingOf(node);
  return binding !== undefined && script.inputs.includes(binding) && !binding.parameterOf?.property;
}

/** Whether a test asks for the password, or for the kind of signup. */
export function asksForPassword(test: AnyNode): boolean {
  let found = false;
  walk(test, (node) => {
    const name = node.type === 'Identifier' ? node.name : node.type === 'Literal' ? String(node.value) : '';
    if (/passw|passkey|pwd/i.test(name)) found = true;
  });
  return found;
}
