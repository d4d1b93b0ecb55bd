// Old packages that bring no types along, as far as the tests use them.

declare module 'mongodb-3' {
  const mongodb: typeof import('mongodb');
  export default mongodb;
}

declare module 'pg' {
  class Pool {
    constructor(config: object);
    query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
    end(): Promise<void>;
  }
  const pg: { Pool: typeof Pool };
  export default pg;
}
