import type { FileCoverage } from '../contract/coverage.ts';
import type { ConnectionDefinition, ScriptDefinition } from '../contract/definition.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';
import { createContextRoom } from './context-room.ts';
import type { TenantContext } from './execution.ts';
import type { CodeCache, CompiledSource } from './isolate.ts';
import { createOffsetCorrections } from './offset-corrections.ts';
import { createOperationTable, type Operations } from './operation-table.ts';
import type { SpareIsolate } from './spare-isolates.ts';
import { wrapHelper } from './wrap-helper.ts';
import { wrapScript } from './wrap-script.ts';

/**
 * One isolate of one connection: its contexts, its compiled scripts, its count of use. A context runs one execution
 * at a time, so that whatever happens in it is that execution's; the isolate has as many as run side by side.
 */
export interface TenantIsolate {
  /**
   * A context that is free and has the script; none when all are taken and a further one would not help now.
   * `goingOn`: how many of them are held only by what scripts do after their callback.
   */
  take(script: ScriptDefinition, goingOn: number): Promise<TenantContext> | undefined;
  /** Takes a context back; one that is not clean is let go. */
  giveBack(context: TenantContext, clean: boolean): void;
  /** No execution enters it any more; it is disposed of when the last one has left. */
  retire(): void;
  readonly retired: boolean;
  chargeCpu(): number;
  /** What has been run of the scripts and helper files since it was last asked, by places in their sources. */
  takeCoverage(): Promise<FileCoverage[]>;
  /** Hears when V8 has given the isolate up for want of memory: what is under way in it never ends by itself. */
  onOutOfMemory(listener: () => void): void;
}

export interface TenantIsolateOptions {
  definition: ConnectionDefinition;
  spare: SpareIsolate;
  operations: Operations;
  /** The sources of libraries that scripts name, ahead of their first `require`. */
  librariesOf(script: ScriptDefinition): Promise<{ id: string; code: string; codeCache: CodeCache }[]>;
  memoryLimitMb: number;
  /** How long a context that nobody uses keeps its sockets; five minutes unless a test says otherwise. */
  keepSocketsMs?: number;
  onDisposed(): void;
}

/** One isolate has been seen to die after 1,561 contexts: end it before. */
const MAX_CONTEXTS_EVER = 1_000;
const MAX_EXECUTIONS = 100_000;
const MAX_AGE_MS = 60 * 60 * 1000;
const MEMORY_CHECK_EVERY = 64;
const RETIRE_ABOVE = 0.7;
const KEEP_SOCKETS_MS = 5 * 60 * 1000;
/** Open sockets in contexts that nobody uses: the descriptors of the process are all its connections'. */
const MAX_IDLE_SOCKETS = 128;
/** For entries that only hand over text. */
const SETUP_TIMEOUT_MS = 5_000;

export function createTenantIsolate(options: TenantIsolateOptions): TenantIsolate {
  const { definition, spare, memoryLimitMb, keepSocketsMs = KEEP_SOCKETS_MS } = options;
  const { isolate } = spare;
  const born = performance.now();
  const compiled = new Map<string, Promise<CompiledSource[]>>();
  const compiledHelpers = new Map<number, Promise<CompiledSource[]>>();
  const defined = new WeakMap<TenantContext, Set<string>>();
  const idle: { context: TenantContext; since: number }[] = [];
  let first: SpareIsolate['context'] | undefined = spare.context;
  let contexts = 0;
  let contextsEver = 0;
  let executions = 0;
  let retired = false;
  let disposed = false;
  let cpuSeenNs = 0n;
  const concurrency = createConcurrencyLimit(isolate.busyMs);
  const room = createContextRoom(memoryLimitMb * 1024 * 1024, isolate.usedBytes);
  /** Contexts that no execution has ended in yet. */
  const fresh = new WeakSet<TenantContext>();
  const sweeping = setInterval(sweep, keepSocketsMs / 5).unref();

  async function makeContext(): Promise<TenantContext> {
    contexts++;
    contextsEver++;
    room.made();
    const made = first ?? isolate.createContext();
    first = undefined;
    const guest = await made;
    const info = {
      connection: definition.shadowOf ?? definition.name,
      configuration: definition.configuration,
      versions: process.versions,
    };
    guest.enter('configure', 0, JSON.stringify(info), { timeoutMs: SETUP_TIMEOUT_MS });
    const context = { guest, operations: createOperationTable(options.operations) };
    defined.set(context, new Set());
    fresh.add(context);
    return context;
  }

  /** Compiled once for the isolate, run once in each context: the libraries it names, its helpers, the script. */
  function sourcesOf(script: ScriptDefinition): Promise<CompiledSource[]> {
    let sources = compiled.get(script.action);
    if (!sources) {
      sources = compileAll(script);
      compiled.set(script.action, sources);
      sources.catch(() => compiled.delete(script.action));
    }
    return sources;
  }

  async function compileAll(script: ScriptDefinition): Promise<CompiledSource[]> {
    const libraries = await options.librariesOf(script);
    const helpers = await helpersOf(script);
    return Promise.all([
      ...libraries.map(({ id, code, codeCache }) =>
        isolate.compile({ code, file: `lib/${id}.js`, codeCache }),
      ),
      ...helpers,
      isolate.compile(wrapScript(script)),
    ]);
  }

  /** Scripts share them; a context that has them from another script's turn takes no notice of them. */
  function helpersOf({ helpers }: ScriptDefinition): Promise<CompiledSource[]> {
    const set = helpers?.set ?? -1;
    const known = compiledHelpers.get(set);
    if (known) return known;
    const files = definition.helperSets?.[set] ?? [];
    const sources = Promise.all(files.map((file) => isolate.compile(wrapHelper(set, file))));
    compiledHelpers.set(set, sources);
    sources.catch(() => compiledHelpers.delete(set));
    return sources;
  }

  async function prepare(
    taken: TenantContext | Promise<TenantContext>,
    script: ScriptDefinition,
  ): Promise<TenantContext> {
    let context: TenantContext | undefined;
    try {
      context = await taken;
      await define(context, script);
      return context;
    } catch (error) {
      if (context) giveBack(context, true);
      else contexts--;
      throw error;
    }
  }

  async function define(context: TenantContext, script: ScriptDefinition): Promise<void> {
    const scripts = defined.get(context);
    if (scripts?.has(script.action)) return;
    const sources = await sourcesOf(script);
    context.guest.enter('expect', 0, '', { timeoutMs: SETUP_TIMEOUT_MS });
    for (const source of sources) context.guest.run(source);
    scripts?.add(script.action);
  }

  function dispose(): void {
    if (disposed) return;
    disposed = true;
    clearInterval(sweeping);
    for (const { context } of idle) context.operations.close();
    isolate.dispose();
    options.onDisposed();
  }

  function retire(): void {
    retired = true;
    if (contexts === idle.length) dispose();
  }

  function letGo(context: TenantContext): void {
    contexts--;
    context.operations.close();
    if (!disposed) context.guest.release();
  }

  function hasRoomFor({ operations }: TenantContext): boolean {
    const sockets = operations.openSockets();
    if (sockets === 0) return true;
    return (
      idle.reduce((sum, { context }) => sum + context.operations.openSockets(), sockets) <= MAX_IDLE_SOCKETS
    );
  }

  /** The one used last, but rather one that is connected to its store. */
  function takeIdle(): TenantContext | undefined {
    const connected = idle.findLastIndex(({ context }) => context.operations.holdsAny());
    return idle.splice(connected, 1)[0]?.context;
  }

  /** Sockets to a store are dear to the store: one that nobody has used for a while is closed with its context. */
  function sweep(): void {
    const unusedSince = performance.now() - keepSocketsMs;
    for (const each of [...idle]) {
      if (each.since >= unusedSince || !each.context.operations.holdsAny()) continue;
      idle.splice(idle.indexOf(each), 1);
      letGo(each.context);
    }
  }

  function giveBack(context: TenantContext, clean: boolean): void {
    room.ended(contexts, fresh.delete(context));
    if (clean && definition.isolation !== 'execution' && !retired && hasRoomFor(context)) {
      idle.push({ context, since: performance.now() });
    } else {
      letGo(context);
    }
    const worn = contextsEver >= MAX_CONTEXTS_EVER || executions >= MAX_EXECUTIONS;
    if (retired || worn || performance.now() - born > MAX_AGE_MS) return retire();
    if (executions % MEMORY_CHECK_EVERY === 0) void retireWhenFull();
  }

  async function retireWhenFull(): Promise<void> {
    const used = await isolate.usedBytes().catch(() => 0);
    if (used > RETIRE_ABOVE * memoryLimitMb * 1024 * 1024) retire();
  }

  return {
    take(script, goingOn) {
      if (!concurrency.allows(contexts - idle.length - goingOn)) return undefined;
      if (idle.length === 0 && !room.allows(contexts)) return undefined;
      executions++;
      return prepare(takeIdle() ?? makeContext(), script);
    },
    giveBack,
    retire,
    get retired() {
      return retired;
    },
    onOutOfMemory(listener) {
      spare.onOutOfMemory = listener;
    },
    async takeCoverage() {
      const corrections = createOffsetCorrections(definition);
      const counted = await isolate.takeCoverage();
      return counted.flatMap(({ file, ranges }) => corrections.get(file)?.(ranges) ?? []);
    },
    chargeCpu() {
      const now = isolate.cpuNs();
      const spent = now > cpuSeenNs ? now - cpuSeenNs : 0n;
      cpuSeenNs = now;
      return Number(spent) / 1e6;
    },
  };
}
