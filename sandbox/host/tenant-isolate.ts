import type { ConnectionDefinition, ScriptDefinition } from '../contract/definition.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';
import type { CodeCache, CompiledSource, GuestContext } from './isolate.ts';
import type { Operations } from './operation-table.ts';
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
  take(script: ScriptDefinition, goingOn: number): Promise<GuestContext> | undefined;
  /** Takes a context back; one that is not clean is let go. */
  giveBack(context: GuestContext, clean: boolean): void;
  /** No execution enters it any more; it is disposed of when the last one has left. */
  retire(): void;
  readonly retired: boolean;
  readonly operations: Operations;
  chargeCpu(): number;
}

export interface TenantIsolateOptions {
  definition: ConnectionDefinition;
  spare: SpareIsolate;
  operations: Operations;
  /** The sources of libraries that scripts name, ahead of their first `require`. */
  librariesOf(script: ScriptDefinition): Promise<{ name: string; code: string; codeCache: CodeCache }[]>;
  memoryLimitMb: number;
  onDisposed(): void;
}

/** One isolate has been seen to die after 1,561 contexts: end it before. */
const MAX_CONTEXTS_EVER = 1_000;
const MAX_EXECUTIONS = 100_000;
const MAX_AGE_MS = 60 * 60 * 1000;
const MEMORY_CHECK_EVERY = 64;
const RETIRE_ABOVE = 0.7;
/** For entries that only hand over text. */
const SETUP_TIMEOUT_MS = 5_000;

export function createTenantIsolate(options: TenantIsolateOptions): TenantIsolate {
  const { definition, spare, operations, memoryLimitMb } = options;
  const { isolate } = spare;
  const born = performance.now();
  const compiled = new Map<string, Promise<CompiledSource[]>>();
  const compiledHelpers = new Map<number, Promise<CompiledSource[]>>();
  const defined = new WeakMap<GuestContext, Set<string>>();
  const idle: GuestContext[] = [];
  let first: GuestContext | undefined = spare.context;
  let contexts = 0;
  let contextsEver = 0;
  let executions = 0;
  let retired = false;
  let disposed = false;
  let cpuSeenNs = 0n;
  const concurrency = createConcurrencyLimit(isolate.busyMs);

  async function makeContext(): Promise<GuestContext> {
    contexts++;
    contextsEver++;
    const made = first ?? isolate.createContext();
    first = undefined;
    const context = await made;
    const info = {
      connection: definition.name,
      configuration: definition.configuration,
      versions: process.versions,
    };
    context.enter('configure', 0, JSON.stringify(info), { timeoutMs: SETUP_TIMEOUT_MS });
    defined.set(context, new Set());
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
      ...libraries.map(({ name, code, codeCache }) =>
        isolate.compile({ code, file: `lib/${name}.js`, codeCache }),
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
    taken: GuestContext | Promise<GuestContext>,
    script: ScriptDefinition,
  ): Promise<GuestContext> {
    let context: GuestContext | undefined;
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

  async function define(context: GuestContext, script: ScriptDefinition): Promise<void> {
    const scripts = defined.get(context);
    if (scripts?.has(script.action)) return;
    const sources = await sourcesOf(script);
    context.enter('expect', 0, '', { timeoutMs: SETUP_TIMEOUT_MS });
    for (const source of sources) context.run(source);
    scripts?.add(script.action);
  }

  function dispose(): void {
    if (disposed) return;
    disposed = true;
    isolate.dispose();
    options.onDisposed();
  }

  function retire(): void {
    retired = true;
    if (contexts === idle.length) dispose();
  }

  function giveBack(context: GuestContext, clean: boolean): void {
    if (clean && definition.isolation === 'connection' && !retired) {
      idle.push(context);
    } else {
      contexts--;
      if (!disposed) context.release();
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
      executions++;
      return prepare(idle.pop() ?? makeContext(), script);
    },
    giveBack,
    retire,
    get retired() {
      return retired;
    },
    operations,
    chargeCpu() {
      const now = isolate.cpuNs();
      const spent = now > cpuSeenNs ? now - cpuSeenNs : 0n;
      cpuSeenNs = now;
      return Number(spent) / 1e6;
    },
  };
}
