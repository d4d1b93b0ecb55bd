/**
 * `process.env`, one for each action script of a connection, so that what one script sets no other sees. It is kept
 * for as long as the context is: what the top level of a script sets, which runs once, holds for all its executions.
 */
export type Environment = Record<string, string | undefined>;

const byAction = new Map<string, Environment>();
let current = createEnvironment();
let action = '';

/** Called before anything of an execution runs. */
export function enterEnvironment(ofAction: string): void {
  action = ofAction;
  const known = byAction.get(action);
  current = known ?? createEnvironment();
  if (!known) byAction.set(action, current);
}

export function environment(): Environment {
  return current;
}

/** `process.env = { … }`: Node takes the object as it is. */
export function replaceEnvironment(replacement: Environment): void {
  current = replacement;
  byAction.set(action, replacement);
}

/** Variables are text: Node makes `'0'` of an assigned `0`. */
function createEnvironment(): Environment {
  return new Proxy<Environment>(
    {},
    {
      set(variables, name, value): boolean {
        if (typeof name === 'symbol' || typeof value === 'symbol') {
          throw new TypeError('Cannot convert a Symbol value to a string');
        }
        return Reflect.set(variables, name, String(value));
      },
    },
  );
}
