/** Who may use the one database: a session for one request, or for as long as it has a transaction open. */
export interface Turns {
  /** Rejects where the signal comes first. */
  take(owner: object, cutOff: AbortSignal): Promise<void>;
  giveBack(owner: object): void;
}

export function createTurns(): Turns {
  const waiting: { owner: object; go: () => void }[] = [];
  let current: object | undefined;
  return {
    async take(owner, cutOff) {
      if (current === undefined) current = owner;
      if (current === owner) return;
      await new Promise<void>((go, cut) => {
        const one = { owner, go };
        waiting.push(one);
        cutOff.addEventListener('abort', () => {
          if (waiting.includes(one)) waiting.splice(waiting.indexOf(one), 1);
          cut(cutOff.reason);
        });
      });
    },
    giveBack(owner) {
      if (current !== owner) return;
      const next = waiting.shift();
      current = next?.owner;
      next?.go();
    },
  };
}
