import { nearestModule } from '../../../sandbox/contract/nearest-module.ts';
import type { AnyNode } from '../../scripts/walk.ts';
import { keyOf } from './scopes.ts';
import type { SourceFinding, SourceScript } from './source-script.ts';

/** `configuration.NAME` that the connection has no value for. One that a script asks after first may be left out. */
export function checkConfiguration(script: SourceScript, keys: readonly string[]): SourceFinding[] {
  const reads = new Map<string, AnyNode>();
  const optional = new Set<string>();
  for (const node of script.nodes) {
    if (node.type !== 'MemberExpression' || node.object.type !== 'Identifier') continue;
    if (node.object.name !== 'configuration' || script.scopes.bindingOf(node.object)) continue;
    const key = keyOf(node);
    if (key === undefined) continue;
    if (isAskedAfter(node, script)) optional.add(key);
    else if (!reads.has(key)) reads.set(key, node);
  }
  return [...reads]
    .filter(([key]) => !optional.has(key) && !keys.includes(key))
    .map(([key, node]) => {
      const nearest = nearestModule(key, keys);
      const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
      const message = `configuration.${key} is read, but options.configuration has no ${key}${hint}`;
      return script.finding('configuration_key_unknown', message, node);
    });
}

function isAskedAfter(node: AnyNode, { scopes }: SourceScript): boolean {
  const { parent, key } = scopes.positionOf(node) ?? {};
  switch (parent?.type) {
    case 'LogicalExpression':
      return key === 'left';
    case 'IfStatement':
    case 'ConditionalExpression':
      return key === 'test';
    case 'UnaryExpression':
    case 'AssignmentExpression':
      return true;
    case 'BinaryExpression':
      return parent.operator !== '+';
    default:
      return false;
  }
}
