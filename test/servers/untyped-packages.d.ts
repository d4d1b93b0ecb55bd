// Packages that bring no types along, as far as the tests use them.

declare module 'mongodb-3' {
  const mongodb: typeof import('mongodb');
  export default mongodb;
}

declare module 'tedious-11' {
  const tedious: typeof import('tedious');
  export default tedious;
}

declare module 'tedious-1' {
  const tedious: typeof import('tedious');
  export default tedious;
}

declare module 'mssql' {
  interface Result {
    recordset: Record<string, unknown>[];
    recordsets: Record<string, unknown>[][];
    rowsAffected: number[];
    output: Record<string, unknown>;
  }
  interface Request {
    input(name: string, type: unknown, value?: unknown): Request;
    query(sql: string): Promise<Result>;
    batch(sql: string): Promise<Result>;
  }
  interface PreparedStatement {
    input(name: string, type: unknown): PreparedStatement;
    prepare(sql: string): Promise<void>;
    execute(values: Record<string, unknown>): Promise<Result>;
    unprepare(): Promise<void>;
  }
  interface Transaction {
    begin(): Promise<void>;
    commit(): Promise<void>;
    rollback(): Promise<void>;
    request(): Request;
  }
  interface ConnectionPool {
    connect(): Promise<ConnectionPool>;
    close(): Promise<void>;
    request(): Request;
    transaction(): Transaction;
  }
  const mssql: {
    ConnectionPool: new (config: object) => ConnectionPool;
    PreparedStatement: new (pool: ConnectionPool) => PreparedStatement;
    NVarChar: (length: number) => unknown;
    Int: unknown;
  };
  export default mssql;
}

declare module 'pg' {
  interface Result {
    rows: Record<string, unknown>[];
  }
  class Client {
    constructor(config: object);
    connect(): Promise<void>;
    query(sql: string, values?: unknown[]): Promise<Result | Result[]>;
    end(): Promise<void>;
  }
  class Pool {
    constructor(config: object);
    query(sql: string, values?: unknown[]): Promise<Result>;
    end(): Promise<void>;
  }
  const pg: { Client: typeof Client; Pool: typeof Pool };
  export default pg;
}
