/** What is kept of an execution once it has been answered: who hears of what its script still does. */
export interface LateListeners<Listener> {
  add(execution: string, listener: Listener): void;
  get(execution: string): Listener | undefined;
  close(): void;
}

/** No script goes on for this long after its callback. */
const GENERATION_MS = 5_000;

/** Listeners are dropped by generations, one to two generations after they were added: no timer for each. */
export function createLateListeners<Listener>(): LateListeners<Listener> {
  let recent = new Map<string, Listener>();
  let older = new Map<string, Listener>();
  const turn = setInterval(() => {
    older = recent;
    recent = new Map();
  }, GENERATION_MS).unref();
  return {
    add(execution, listener) {
      recent.set(execution, listener);
    },
    get: (execution) => recent.get(execution) ?? older.get(execution),
    close: () => clearInterval(turn),
  };
}
