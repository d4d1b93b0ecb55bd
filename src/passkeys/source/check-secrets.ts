import { type AnyNode, type Position, walk } from '../../scripts/walk.ts';
import { keyOf } from './scopes.ts';
import { isSecretName, looksSecret, secretKind } from './secret-kind.ts';
import { textOf } from './source-script.ts';

export interface FoundSecret {
  /** Without the secret itself. */
  message: string;
  node: AnyNode;
}

/** Literals that hold a secret: by their form, or by the name that they are given. At most one for each line of text. */
export function findSecrets(root: AnyNode): FoundSecret[] {
  const found: FoundSecret[] = [];
  const positions = new Map<AnyNode, Position>();
  walk(root, (node, position) => {
    positions.set(node, position);
    const text = textIn(node);
    if (text === undefined) return;
    const kind = secretKind(text);
    if (kind) return void found.push({ message: `A literal holds ${kind}`, node });
    const name = nameGivenTo(node, position, positions);
    if (name === undefined || node.type !== 'Literal') return;
    const beside = isBesideCredentials(position, positions);
    const isSigning = position.parent?.type === 'CallExpression';
    const isSecret = isSigning ? text.length >= 6 && looksSigning(text) : looksSecret(text, name, { beside });
    if (isSecret)
      found.push({ message: `A literal is given to \`${name}\`, which looks like a secret`, node });
  });
  return found;
}

function textIn(node: AnyNode): string | undefined {
  return node.type === 'TemplateElement' ? (node.value.cooked ?? undefined) : textOf(node);
}

/** The name of the variable, property or call that a literal is given to, where that name speaks of a secret. */
function nameGivenTo(
  node: AnyNode,
  { parent, key }: Position,
  positions: Map<AnyNode, Position>,
): string | undefined {
  switch (parent?.type) {
    case 'VariableDeclarator':
      return parent.id.type === 'Identifier' ? secretOnly(parent.id.name) : undefined;
    case 'Property':
      return key === 'value' && positions.get(parent)?.parent?.type === 'ObjectExpression'
        ? secretOnly(keyOf(parent))
        : undefined;
    case 'AssignmentExpression':
      return secretOnly(parent.left.type === 'Identifier' ? parent.left.name : keyOf(parent.left));
    case 'LogicalExpression':
      return parent.right === node ? nameGivenTo(parent, positions.get(parent)!, positions) : undefined;
    case 'CallExpression': {
      const method = parent.callee.type === 'MemberExpression' ? keyOf(parent.callee) : undefined;
      return parent.arguments[1] === node && method && /^(createHmac|sign|verify)$/.test(method)
        ? method
        : undefined;
    }
    default:
      return undefined;
  }
}

function secretOnly(name: string | undefined): string | undefined {
  return name !== undefined && isSecretName(name) ? name : undefined;
}

/** An algorithm is named in the same place: `verify('RS256', …)`. */
function looksSigning(text: string): boolean {
  return (
    looksSecret(text, '', { beside: true }) &&
    !/^[A-Z]{2}\d{3}$|^sha\d+$|^(base64(url)?|hex|utf-?8)$/i.test(text)
  );
}

/** `{ host, user, password: '…' }` */
function isBesideCredentials({ parent }: Position, positions: Map<AnyNode, Position>): boolean {
  if (parent?.type !== 'Property') return false;
  const object = positions.get(parent)?.parent;
  if (object?.type !== 'ObjectExpression' || !passwordKey.test(keyOf(parent) ?? '')) return false;
  return object.properties.some((each) => credentialKey.test(keyOf(each) ?? ''));
}

const passwordKey = /^(password|passwd|pwd|pass|bindCredentials)$/i;
const credentialKey = /^(host|server|user|username|userName|database|bindDN)$/;
