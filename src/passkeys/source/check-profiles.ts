import { type AnyNode, walk } from '../../scripts/walk.ts';
import type { CallbackUses } from './callback-uses.ts';
import { type Binding, keyOf, onlyValue } from './scopes.ts';
import { isNothing, type SourceFinding, type SourceScript } from './source-script.ts';
import type { ValueFlow } from './value-flow.ts';

type ObjectLiteral = Extract<AnyNode, { type: 'ObjectExpression' }>;

const answering = new Set(['login', 'get_user', 'create']);
const identifierFields = /^(e?mail|email_?address|user_?name|phone(_?number)?)$/i;

/** What the profiles that reach the callback have for a user_id. */
export function checkProfiles(script: SourceScript, uses: CallbackUses, flow: ValueFlow): SourceFinding[] {
  if (!answering.has(script.action)) return [];
  const profiles = profilesOf(uses, flow);
  const found = new Map<AnyNode, SourceFinding>();
  for (const profile of profiles) {
    const ids = userIdsOf(profile, script);
    if (ids === 'unknown') continue;
    if (ids.length === 0) {
      found.set(profile, script.finding('user_id_missing', 'The profile has no user_id', profile));
    }
    for (const id of ids) {
      const finding = judge(id, profiles, script, flow);
      if (finding) found.set(id, finding);
    }
  }
  return [...found.values()];
}

function judge(
  id: AnyNode,
  profiles: ReadonlySet<AnyNode>,
  script: SourceScript,
  flow: ValueFlow,
): SourceFinding | undefined {
  const generator = generatorIn(id, script, profiles);
  if (generator) {
    const message = `user_id is made by ${generator} and kept nowhere: the next call makes another one`;
    return script.finding('generated_user_id', message, id);
  }
  const identifier = identifierIn(id, script, flow);
  if (!identifier) return undefined;
  const message = `user_id is \`${identifier}\`: it changes when the identifier does`;
  return script.finding('identifier_as_user_id', message, id);
}

/** The object literals that are passed to the callback as its second argument. */
function profilesOf({ calls }: CallbackUses, flow: ValueFlow): Set<ObjectLiteral> {
  const profiles = new Set<ObjectLiteral>();
  for (const { arguments: given } of calls) {
    const [error, result] = given;
    if (!error || !isNothing(error) || !result) continue;
    for (const origin of flow.originsOf(result)) if (origin.type === 'ObjectExpression') profiles.add(origin);
  }
  return profiles;
}

/** Values of user_id; `unknown` where fields come from elsewhere. */
function userIdsOf(profile: ObjectLiteral, script: SourceScript): AnyNode[] | 'unknown' {
  const ids: AnyNode[] = [];
  for (const property of profile.properties) {
    if (property.type === 'SpreadElement') return 'unknown';
    if (property.computed && keyOf(property) === undefined) return 'unknown';
    if (keyOf(property) === 'user_id') ids.push(property.value);
  }
  const parent = script.scopes.positionOf(profile)?.parent;
  if (ids.length > 0) return ids;
  if (parent?.type !== 'VariableDeclarator' && parent?.type !== 'AssignmentExpression') return ids;
  // `profile.user_id = …` later, or something that fills it.
  const id = parent.type === 'VariableDeclarator' ? parent.id : parent.left;
  const binding = id.type === 'Identifier' ? script.scopes.bindingOf(id) : undefined;
  const isFilled = !binding || binding.references.some((reference) => isFilling(reference, script));
  return isFilled ? 'unknown' : ids;
}

function isFilling(reference: AnyNode, { scopes }: SourceScript): boolean {
  const { parent, key } = scopes.positionOf(reference) ?? {};
  if (parent?.type === 'MemberExpression') {
    const above = scopes.positionOf(parent);
    return above?.parent?.type === 'AssignmentExpression' && above.key === 'left';
  }
  if (parent?.type === 'CallExpression' && key === 'arguments') {
    return parent.callee.type !== 'Identifier' || !/^(callback|cb|done|next)$/.test(parent.callee.name);
  }
  return false;
}

/** What makes a new value with each call: `uuid()`, `Date.now()`; nothing of the source keeps it. */
function generatorIn(id: AnyNode, script: SourceScript, profiles: ReadonlySet<AnyNode>): string | undefined {
  let name: string | undefined;
  walk(id, (node) => {
    if (name !== undefined) return;
    if (node.type === 'CallExpression' || node.type === 'NewExpression') name = generatorName(node);
    if (node.type !== 'Identifier') return;
    const binding = script.scopes.bindingOf(node);
    const value = onlyValue(binding);
    if (!binding || !value || value === id) return;
    const made = value.type === 'CallExpression' ? generatorName(value) : undefined;
    if (made && !isKept(binding, script, profiles)) name = made;
  });
  return name;
}

/** Whether a value goes anywhere but into a profile. */
function isKept({ references }: Binding, { scopes }: SourceScript, profiles: ReadonlySet<AnyNode>): boolean {
  return references.some((reference) => {
    for (let at = scopes.positionOf(reference)?.parent; at; at = scopes.positionOf(at)?.parent) {
      if (profiles.has(at)) return false;
    }
    return true;
  });
}

function generatorName(node: AnyNode): string | undefined {
  if (node.type === 'NewExpression') {
    const { callee } = node;
    const bare = callee.type === 'Identifier' && node.arguments.length === 0;
    return bare && /^(ObjectI[dD]|Date)$/.test(callee.name) ? `new ${callee.name}()` : undefined;
  }
  if (node.type !== 'CallExpression') return undefined;
  const { callee } = node;
  if (callee.type === 'Identifier') {
    return /^(uuid(v\d)?|v[1-7]|randomUUID|nanoid|cuid|ulid|shortid|createId)$/i.test(callee.name)
      ? `${callee.name}()`
      : undefined;
  }
  if (callee.type !== 'MemberExpression') return undefined;
  const method = keyOf(callee) ?? '';
  const owner = callee.object.type === 'Identifier' ? callee.object.name : '';
  if (/^(randomUUID|randomBytes)$/.test(method)) return `${owner || 'crypto'}.${method}()`;
  const isKnown =
    (owner === 'Date' && method === 'now') ||
    (owner === 'Math' && method === 'random') ||
    (/^uuid$/i.test(owner) && /^v\d$/.test(method)) ||
    (owner === 'shortid' && method === 'generate');
  return isKnown ? `${owner}.${method}()` : undefined;
}

function identifierIn(id: AnyNode, script: SourceScript, flow: ValueFlow): string | undefined {
  if (id.type === 'MemberExpression') {
    const key = keyOf(id);
    return key && identifierFields.test(key) ? key : undefined;
  }
  if (id.type === 'LogicalExpression') return identifierIn(id.left, script, flow);
  if (id.type === 'TemplateLiteral') {
    for (const each of id.expressions) {
      const found = identifierIn(each, script, flow);
      if (found) return found;
    }
    return undefined;
  }
  if (id.type === 'BinaryExpression')
    return id.operator === '+' ? identifierIn(id.right, script, flow) : undefined;
  const input = flow.inputIn(id);
  if (!input) return undefined;
  if (script.action === 'create')
    return identifierFields.test(input.split('.').at(-1) ?? '') ? input : undefined;
  // Where a lookup is known to be by user_id, the value is one.
  return isUnderIdentifierType(id, script) ? undefined : input;
}

function isUnderIdentifierType(node: AnyNode, { scopes, nodes }: SourceScript): boolean {
  for (let at: AnyNode | undefined = node; at; at = scopes.positionOf(at)?.parent) {
    const test = at.type === 'SwitchStatement' ? at.discriminant : 'test' in at ? at.test : undefined;
    if (test && mentionsIdentifierType(test)) return true;
  }
  // An early exit on the other kind of lookup leaves this one.
  return nodes.some(
    (each) => each.type === 'IfStatement' && each.end <= node.start && mentionsIdentifierType(each.test),
  );
}

function mentionsIdentifierType(test: AnyNode): boolean {
  let found = false;
  walk(test, (node) => {
    if (node.type === 'Identifier' && /identifierType|isUserId|byId|byUserId/.test(node.name)) found = true;
  });
  return found;
}
