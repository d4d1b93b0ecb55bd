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

declare module 'mysql' {
  interface Connection {
    connect(callback: (error: NodeJS.ErrnoException | null) => void): void;
    query(
      sql: string,
      callback: (error: NodeJS.ErrnoException | null, rows: Record<string, unknown>[]) => void,
    ): void;
    destroy(): void;
  }
  const mysql: { createConnection(options: object): Connection };
  export default mysql;
}

declare module 'ldapjs' {
  export interface Attribute {
    type: string;
    values: string[];
  }
  export interface Filter {
    type: string;
    attribute: string;
    value: string;
    clauses: Filter[];
    /** Of a substring filter. */
    subInitial: string;
    subAny: string[];
    subFinal: string;
  }
  export interface Dn {
    toString(): string;
  }
  export interface ServerRequest {
    connection: object;
    dn: Dn;
    credentials: string;
    attributes: Attribute[] | string[];
    changes: { operation: 'add' | 'delete' | 'replace'; modification: Attribute }[];
    scope: number | string;
    filter: Filter;
    sizeLimit: number;
  }
  export interface ServerResponse {
    attributes: string[];
    send(entry: { dn: string; attributes: Record<string, string[]> }): void;
    end(status?: number): void;
  }
  export type Handler = (
    request: ServerRequest,
    response: ServerResponse,
    next: (error?: Error) => void,
  ) => void;
  export interface Server {
    /** The server of node:net or node:tls beneath. */
    server: import('node:net').Server;
    on(event: string, listener: (error: Error) => void): void;
    bind(suffix: string, handler: Handler): void;
    search(suffix: string, handler: Handler): void;
    add(suffix: string, handler: Handler): void;
    modify(suffix: string, handler: Handler): void;
    del(suffix: string, handler: Handler): void;
  }
  export interface Entry {
    pojo: { objectName: string; attributes: Attribute[] };
  }
  export type Done = (error: (Error & { code: number }) | null) => void;
  export interface Search {
    on(event: 'searchEntry', listener: (entry: Entry) => void): void;
    on(event: 'error', listener: (error: Error & { code: number }) => void): void;
    on(event: 'end', listener: () => void): void;
  }
  export interface Client {
    on(event: string, listener: (...values: unknown[]) => void): void;
    bind(dn: string, password: string, done: Done): void;
    add(dn: string, entry: Record<string, string | string[]>, done: Done): void;
    modify(dn: string, change: object, done: Done): void;
    del(dn: string, done: Done): void;
    search(
      base: string,
      options: object,
      begun: (error: (Error & { code: number }) | null, search: Search) => void,
    ): void;
    unbind(): void;
    destroy(): void;
  }
  const ldap: {
    createServer(options?: { certificate: string; key: string }): Server;
    createClient(options: object): Client;
    parseDN(text: string): Dn;
    Change: new (change: { operation: string; modification: Attribute }) => object;
  };
  export default ldap;
}
