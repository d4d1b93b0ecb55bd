import { Binary, type Document } from 'mongodb';
import type { Command, CommandContext } from './command.ts';
import { CommandError } from './command-error.ts';
import { startScram } from './scram.ts';

const conversationId = 1;

const textOf = (payload: unknown) =>
  Buffer.from(payload instanceof Binary ? payload.buffer : (payload as Uint8Array)).toString('utf8');
const asPayload = (text: string) => new Binary(Buffer.from(text, 'utf8'));

const refused = () => new CommandError(18, 'Authentication failed.');

/** Undefined where the user or the mechanism is not known. */
function begin(
  context: CommandContext,
  { mechanism, payload }: Document,
  database: string,
): Document | undefined {
  const { session } = context;
  const user = context.user?.database === database ? context.user : undefined;
  session.conversation = startScram(user, String(mechanism), textOf(payload));
  if (!session.conversation) return undefined;
  return { conversationId, done: false, payload: asPayload(session.conversation.first) };
}

const saslStart: Command = (context, command) => {
  const answer = begin(context, command, context.database);
  if (!answer) throw refused();
  return answer;
};

/** `skipEmptyExchange` is not looked at: the proof's answer is the last one, as the drivers ask for. */
const saslContinue: Command = ({ session }, { payload }) => {
  const last = session.conversation?.finish(textOf(payload));
  session.conversation = undefined;
  if (last === undefined) throw refused();
  session.authenticated = true;
  return { conversationId, done: true, payload: asPayload(last) };
};

/** What a hello answers of the authentication that comes with it. */
export function authenticationInHello(context: CommandContext, command: Document): Document {
  const { saslSupportedMechs: asked, speculativeAuthenticate: speculative } = command;
  const { user } = context;
  const known = user && asked === `${user.database}.${user.name}` ? [...user.credentials.keys()] : undefined;
  const begun = speculative ? begin(context, speculative, speculative.db ?? context.database) : undefined;
  return {
    ...(known ? { saslSupportedMechs: known } : {}),
    ...(begun ? { speculativeAuthenticate: begun } : {}),
  };
}

export const saslCommands: Record<string, Command> = { saslStart, saslContinue };
