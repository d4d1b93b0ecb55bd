import type { Reply } from '../service/running-service.ts';

/** A template's connection `acme` that is served, and its store, which can be taken away. */
export interface ServedTemplate extends AsyncDisposable {
  run(call: string, body: object): Promise<Reply>;
  /** What loading the connection and running it so far was warned of. */
  warnings(): Promise<unknown[]>;
  /** Everything that a store keeps which leaves the hashing to the scripts, as text. */
  dump?: () => Promise<string>;
  /** From now on nothing answers the scripts. */
  breakStore(): Promise<void>;
  mendStore(): Promise<void>;
  /** From now on the store takes what the scripts send, and says nothing, until it is broken and mended. */
  muteStore(): void;
}

export interface Traits {
  /** What becomes of an email address when it is stored. */
  stored?: (email: string) => string;
  /** The code with which a store that cannot change usernames says so. */
  fixedUsername?: string;
}

/** What the tests of one template go on with; filled in as they run. */
export interface Life {
  served: ServedTemplate;
  traits: Traits;
  run(call: string, body: object): Promise<Reply>;
  /** ann changes in the course of her life: from the middle of it on her address is `ann@example.org`. */
  annId: string;
  johnId: string;
  expectNobody(body: object): Promise<void>;
}
