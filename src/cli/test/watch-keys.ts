/** What the person at the terminal may press. */
export type WatchKey = 'all' | 'failed' | 'quit';

const keys: Readonly<Record<string, WatchKey>> = {
  a: 'all',
  '\r': 'all',
  '\n': 'all',
  f: 'failed',
  q: 'quit',
  '\u0003': 'quit',
  '\u0004': 'quit',
};

/** Hears single keys of a terminal, and the end of any other input. Returns what stops it. */
export function listenToKeys(input: NodeJS.ReadStream, onKey: (key: WatchKey) => void): () => void {
  const hear = (text: string) => {
    for (const character of text) {
      const key = keys[character.toLowerCase()];
      if (key) onKey(key);
    }
  };
  if (!input.isTTY) return () => {};
  input.setRawMode(true);
  input.setEncoding('utf8').on('data', hear).resume();
  return () => {
    input.setRawMode(false);
    input.off('data', hear).pause();
  };
}
