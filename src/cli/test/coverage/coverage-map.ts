import type { AnyNode } from 'acorn';
import { parseSource } from '../../../scripts/parse-source.ts';
import { walk } from '../../../scripts/walk.ts';

/** A piece of a source by its offsets. */
export interface Span {
  start: number;
  end: number;
}

/** What can be covered in a source. */
export interface SourceParts {
  statements: Span[];
  functions: { name: string; declaration: Span; body: Span }[];
  /** Ways that a run may take at one place. `implicit`: the way past an `if` without an `else`. */
  branches: { type: string; whole: Span; ways: (Span & { implicit?: boolean })[] }[];
}

/** Finds statements, functions and branches; nothing in a source that cannot be parsed. */
export function findParts(source: string): SourceParts {
  const parts: SourceParts = { statements: [], functions: [], branches: [] };
  const parsed = parseSource(source);
  if ('problem' in parsed) return parts;
  const { root, offsetOf } = parsed;
  const span = ({ start, end }: Span): Span => ({
    start: offsetOf({ start } as AnyNode),
    end: offsetOf({ start: end } as AnyNode),
  });
  walk(root, (node) => {
    if (node === root) return;
    if (isStatement(node)) parts.statements.push(span(node));
    switch (node.type) {
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression': {
        const name = (node.type !== 'ArrowFunctionExpression' && node.id?.name) || '(anonymous)';
        parts.functions.push({ name, declaration: span(node), body: span(node.body) });
        // The value of an arrow without braces is a statement as much as a return is.
        if (node.body.type !== 'BlockStatement') parts.statements.push(span(node.body));
        return;
      }
      case 'IfStatement': {
        const otherwise = node.alternate ? span(node.alternate) : { ...span(node), implicit: true };
        parts.branches.push({ type: 'if', whole: span(node), ways: [span(node.consequent), otherwise] });
        return;
      }
      case 'ConditionalExpression':
        parts.branches.push({
          type: 'cond-expr',
          whole: span(node),
          ways: [span(node.consequent), span(node.alternate)],
        });
        return;
      case 'LogicalExpression':
        parts.branches.push({
          type: 'binary-expr',
          whole: span(node),
          ways: [span(node.left), span(node.right)],
        });
        return;
      case 'SwitchStatement':
        parts.branches.push({ type: 'switch', whole: span(node), ways: node.cases.map(span) });
        return;
      case 'CatchClause':
        parts.branches.push({ type: 'catch', whole: span(node), ways: [span(node.body)] });
        return;
    }
  });
  return parts;
}

const isDeclared = new Set(['FunctionDeclaration', 'ClassDeclaration']);
const isStructure = new Set(['BlockStatement', 'EmptyStatement', 'LabeledStatement']);

function isStatement({ type }: AnyNode): boolean {
  if (isDeclared.has(type) || isStructure.has(type)) return false;
  return type.endsWith('Statement') || type === 'VariableDeclaration';
}
