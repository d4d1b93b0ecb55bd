import { type AnyNode, walk } from '../../scripts/walk.ts';
import { keyOf } from './scopes.ts';

/** A condition in one spelling for all that say the same; `holds`: what it says when it is true. */
export interface ReadTest {
  text: string;
  holds: boolean;
}

const opposite: Record<string, string> = { '!==': '===', '!=': '===', '==': '===', '<=': '>', '<': '>=' };

/** `!rows.length`, `rows.length === 0` and `rows.length < 1` are one test, and so are `x !== 1` and `x === 1`. */
export function readTest(node: AnyNode, textOf: (node: AnyNode) => string): ReadTest {
  if (node.type === 'ChainExpression') return readTest(node.expression, textOf);
  if (node.type === 'UnaryExpression' && node.operator === '!') {
    const { text, holds } = readTest(node.argument, textOf);
    return { text, holds: !holds };
  }
  if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'Boolean') {
    const [argument] = node.arguments;
    if (argument) return readTest(argument, textOf);
  }
  if (node.type !== 'BinaryExpression') return { text: plain(textOf(node)), holds: true };
  const left = plain(textOf(node.left));
  const right = plain(textOf(node.right));
  if (left.endsWith('.length') && /^[01]$/.test(right)) {
    const sign = `${node.operator}${right}`;
    if (/^(===?0|<1)$/.test(sign)) return { text: left, holds: false };
    if (/^(!==?0|>0|>=1)$/.test(sign)) return { text: left, holds: true };
  }
  if (/^(null|undefined)$/.test(right) && /^[!=]==?$/.test(node.operator)) {
    return { text: left, holds: node.operator.startsWith('!') };
  }
  const other = opposite[node.operator];
  const holds = node.operator === '==' || other === undefined;
  return { text: `${left} ${other ?? node.operator} ${right}`, holds };
}

const plain = (text: string) => text.replace(/\?\./g, '.').replace(/\s+/g, ' ').slice(0, 300);

/** What a condition says of an outage: when it holds there was one, or there was none; `examined`: it tells them apart; `named_status`: it tells one apart, and leaves the others. */
export type Verdict =
  | 'none'
  | 'failure'
  | 'no_failure'
  | 'perhaps_failure'
  | 'bad_status'
  | 'good_status'
  | 'named_status'
  | 'other_status'
  | 'examined';

const failureName = /^(e|er|err|error|ex|exception|\w*(Err|Error))$/;
const failureList = /(^|[a-z])(errors|failures)$/i;
const telling =
  /status|code|errno|reason|^name$|message|type|kind|severity|not_?found|no_?such|missing|exist|404/i;

export function verdictOf(node: AnyNode): Verdict {
  if (node.type === 'ChainExpression') return verdictOf(node.expression);
  if (node.type === 'Identifier') return failureName.test(node.name) ? 'failure' : 'none';
  if (node.type === 'MemberExpression') {
    const key = keyOf(node) ?? '';
    if (key === 'ok') return 'good_status';
    // `{ error: 'no such user' }` is an answer as well: only that there is none of it says something.
    if (failureName.test(key)) return 'perhaps_failure';
    // `errors.length`
    if (key === 'length' && node.object.type === 'Identifier' && failureList.test(node.object.name))
      return 'failure';
  }
  if (node.type === 'BinaryExpression') {
    const { left, right, operator } = node;
    if (operator === 'instanceof') return isFailure(left) ? 'examined' : 'none';
    if (isStatus(left) && right.type === 'Literal' && typeof right.value === 'number') {
      return ofStatus(operator, right.value);
    }
    if (isNull(right)) return ofNull(left, operator);
  }
  let isTelling = false;
  walk(node, (each) => {
    if (each.type === 'Identifier' && each.name !== 'identifierType' && telling.test(each.name))
      isTelling = true;
    if (each.type === 'Literal' && each.value === 404) isTelling = true;
    // A function of the author's own that is handed the failure may well tell.
    if (each.type === 'CallExpression' && each.arguments.some(isFailure)) isTelling = true;
  });
  return isTelling ? 'examined' : 'none';
}

function ofNull(left: AnyNode, operator: string): Verdict {
  if (!isFailure(left)) return 'none';
  return operator.startsWith('!') ? 'failure' : 'no_failure';
}

function ofStatus(operator: string, status: number): Verdict {
  const isGood = status >= 200 && status < 300;
  const isLimit = [299, 300, 399, 400].includes(status);
  if ((isGood && /^!==?$/.test(operator)) || (isLimit && operator.startsWith('>'))) return 'bad_status';
  if ((isGood && /^===?$/.test(operator)) || (isLimit && operator.startsWith('<'))) return 'good_status';
  if (/^===?$/.test(operator)) return 'named_status';
  return operator.startsWith('!') ? 'other_status' : 'examined';
}

function isFailure(node: AnyNode): boolean {
  return node.type === 'Identifier' && failureName.test(node.name);
}

function isNull(node: AnyNode): boolean {
  return (
    (node.type === 'Literal' && node.value === null) ||
    (node.type === 'Identifier' && node.name === 'undefined')
  );
}

function isStatus(node: AnyNode): boolean {
  if (node.type === 'ChainExpression') return isStatus(node.expression);
  const name =
    node.type === 'Identifier' ? node.name : node.type === 'MemberExpression' ? (keyOf(node) ?? '') : '';
  return /^(status|statusCode)$/.test(name);
}
