import { setTimeout as wait } from 'node:timers/promises';
import { newSessionState, runBatch } from './batch.ts';
import { u64 } from './bytes.ts';
import { intType } from './column-type.ts';
import type { Database, Parameters } from './database.ts';
import { type Login, tdsVersion } from './login7.ts';
import { type Message, packetType } from './packets.ts';
import { createPrepared, parametersOf, type RpcCall, readRpc } from './rpc.ts';
import { SqlError, unsupported } from './sql-error.ts';
import { createTokens, doneStatus } from './tokens.ts';
import type { Turns } from './turns.ts';

export interface Session {
  /** The whole answer to a request. One that was cut off has an answer, too, before the attention's own. */
  answer(message: Message, cutOff: AbortSignal): Promise<Buffer>;
  /** What tells a client that its attention has been seen. */
  attention(): Buffer;
  /** Rolls back what is open. */
  end(): void;
}

export interface SessionOptions {
  database: Database;
  name: string;
  login: Login;
  turns: Turns;
}

const transactionSteps: Record<number, string> = { 5: 'BEGIN TRANSACTION', 7: 'COMMIT', 8: 'ROLLBACK' };

/** What a client that has logged in asks for. */
export function createSession({ database, name, login, turns }: SessionOptions): Session {
  const tokens = createTokens(login.version);
  const prepared = createPrepared();
  const state = newSessionState(name);
  const descriptor = u64(1);

  function withoutHeaders(body: Buffer): Buffer {
    return login.version >= tdsVersion.v72 ? body.subarray(body.readUInt32LE(0)) : body;
  }

  interface Ran {
    answer: Buffer[];
    failed: boolean;
  }

  /** Runs T-SQL. What ends a statement says that there is more to come, except for the last in a batch. */
  async function run(
    sql: string,
    parameters: Parameters,
    inProcedure: boolean,
    cutOff: AbortSignal,
  ): Promise<Ran> {
    const answer: Buffer[] = [];
    const kind = inProcedure ? 'inProcedure' : 'batch';
    let end: ((more: number) => Buffer) | undefined;
    function add(...more: Buffer[]): void {
      if (end) answer.push(end(doneStatus.more));
      end = undefined;
      answer.push(...more);
    }
    try {
      for (const event of runBatch(sql, parameters, database, state)) {
        add();
        if (event.kind === 'wait') await wait(event.ms, undefined, { signal: cutOff });
        if (event.kind === 'transaction') add(tokens.transactionChanged(event.change, descriptor));
        if (event.kind !== 'result') continue;
        const { columns, command, count } = event;
        if (columns) add(tokens.columns(columns), ...event.rows.map((row) => tokens.row(row, columns)));
        const counted = event.counted ? doneStatus.count : 0;
        end = (more) => tokens.done(kind, counted | more, command, count);
      }
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      add(tokens.error(error));
      return { answer, failed: true };
    }
    answer.push(
      end
        ? end(inProcedure ? doneStatus.more : 0)
        : tokens.done(kind, inProcedure ? doneStatus.more : 0, 0, 0),
    );
    return { answer, failed: false };
  }

  const last = (kind: 'batch' | 'procedure', failed: boolean) =>
    tokens.done(kind, failed ? doneStatus.error : 0, 0, 0);

  async function batch(sql: string, cutOff: AbortSignal): Promise<Buffer> {
    const { answer, failed } = await run(sql, new Map(), false, cutOff);
    return Buffer.concat(failed ? [...answer, last('batch', true)] : answer);
  }

  async function call({ procedure, parameters }: RpcCall, cutOff: AbortSignal): Promise<Ran> {
    const [first, second, third] = parameters;
    const outputs = parameters.filter(({ isOutput }) => isOutput);
    switch (procedure) {
      case 'sp_executesql': {
        const ran = await run(String(first?.value), parametersOf(parameters.slice(2)), true, cutOff);
        ran.answer.push(...outputs.map(({ name, type, value }) => tokens.returnValue(name, type, value)));
        return ran;
      }
      case 'sp_prepare': {
        const handle = prepared.add(String(third?.value), String(second?.value ?? ''));
        return { answer: [tokens.returnValue(first?.name ?? '', intType, BigInt(handle))], failed: false };
      }
      case 'sp_execute': {
        const { sql, names } = prepared.get(first?.value);
        const named = parameters.slice(1).map((one, at) => ({ ...one, name: one.name || (names[at] ?? '') }));
        return run(sql, parametersOf(named), true, cutOff);
      }
      case 'sp_unprepare':
        prepared.remove(first?.value);
        return { answer: [], failed: false };
      default:
        throw new SqlError(2812, `Could not find stored procedure '${procedure}'.`, 16, 62);
    }
  }

  async function rpc(body: Buffer, cutOff: AbortSignal): Promise<Buffer> {
    const { answer, failed } = await call(readRpc(body), cutOff);
    return Buffer.concat([...answer, tokens.returnStatus(), last('procedure', failed)]);
  }

  async function respond({ type, body }: Message, cutOff: AbortSignal): Promise<Buffer> {
    const content = withoutHeaders(body);
    if (type === packetType.sqlBatch) return batch(content.toString('utf16le'), cutOff);
    if (type === packetType.rpc) return rpc(content, cutOff);
    const step = type === packetType.transaction ? transactionSteps[content.readUInt16LE(0)] : undefined;
    if (!step) throw unsupported(`messages of the type ${type}`);
    return batch(step, cutOff);
  }

  return {
    async answer(message, cutOff) {
      try {
        await turns.take(state, cutOff);
        return await respond(message, cutOff);
      } catch (error) {
        const end = last(message.type === packetType.rpc ? 'procedure' : 'batch', true);
        if (cutOff.aborted) return end;
        if (!(error instanceof SqlError)) throw error;
        return Buffer.concat([tokens.error(error), end]);
      } finally {
        if (!state.inTransaction) turns.giveBack(state);
      }
    },
    attention: () => tokens.done('batch', doneStatus.attention, 0, 0),
    end() {
      if (state.inTransaction) database.transaction('ROLLBACK');
      turns.giveBack(state);
    },
  };
}
