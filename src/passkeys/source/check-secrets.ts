import type { AnyNode, Position } from '../../scripts/walk.ts';
import { keyOf, type Scopes } from './scopes.ts';
import { isSecretName, looksSecret, secretKind } from './secret-kind.ts';
import { textOf } from './source-script.ts';

export interface FoundSecret {
  /** Without the secret itself. */
  message: string;
  node: AnyNode;
}

type Tree = Pick<Scopes, 'nodes' | 'positionOf'>;

/** Literals that hold a secret: by their form, or by the name that they are given. At most one for each line of text. */
export function findSecrets({ nodes, positionOf }: Tree): FoundSecret[] {
  return nodes.flatMap((node): FoundSecret[] => {
    const text = textIn(node);
    if (text === undefined) return [];
    const kind = secretKind(text);
    if (kind) return [{ message: `A literal holds ${kind}`, node }];
    const position = positionOf(node);
    const name = nameGivenTo(node, position, positionOf);
    if (name === undefined || node.type !== 'Literal') return [];
    const beside = isBesideCredentials(position, positionOf);
    const isSigning = position?.parent?.type === 'CallExpression';
    const isSecret = isSigning ? text.length >= 6 && looksSigning(text) : looksSecret(text, name, { beside });
    return isSecret
      ? [{ message: `A literal is given to \`${name}\`, which looks like a secret`, node }]
      : [];
  });
}

function textIn(node: AnyNode): string | undefined {
  return node.type === 'TemplateElement' ? (node.value.cooked ?? undefined) : textOf(node);
}

/** The name of the variable, property or call that a literal is given to, where that name speaks of a secret. */
function nameGivenTo(
  node: AnyNode,
  { parent, key }: Partial<Position> = {},
  positionOf: Tree['positionOf'],
): string | undefined {
  switch (parent?.type) {
    case 'VariableDeclarator':
      return parent.id.type === 'Identifier' ? secretOnly(parent.id.name) : undefined;
    case 'Property':
      return key === 'value' && positionOf(parent)?.parent?.type === 'ObjectExpression'
        ? secretOnly(keyOf(parent))
        : undefined;
    case 'AssignmentExpression':
      return secretOnly(parent.left.type === 'Identifier' ? parent.left.name : keyOf(parent.left));
    case 'LogicalExpression':
      return parent.right === node ? nameGivenTo(parent, positionOf(parent), positionOf) : undefined;
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
function isBesideCredentials({ parent }: Partial<Position> = {}, positionOf: Tree['positionOf']): boolean {
  if (parent?.type !== 'Property') return false;
  const object = positionOf(parent)?.parent;
  if (object?.type !== 'ObjectExpression' || !passwordKey.test(keyOf(parent) ?? '')) return false;
  return object.properties.some((each) => credentialKey.test(keyOf(each) ?? ''));
}

const passwordKey = /^(password|passwd|pwd|pass|bindCredentials)$/i;
const credentialKey = /^(host|server|user|username|userName|database|bindDN)$/;
