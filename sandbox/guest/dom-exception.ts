/** DOMException of Web IDL §4.4, with the legacy codes. */

const legacyCodes: Record<string, number> = {
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  WrongDocumentError: 4,
  InvalidCharacterError: 5,
  NoModificationAllowedError: 7,
  NotFoundError: 8,
  NotSupportedError: 9,
  InUseAttributeError: 10,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidModificationError: 13,
  NamespaceError: 14,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  SecurityError: 18,
  NetworkError: 19,
  AbortError: 20,
  URLMismatchError: 21,
  QuotaExceededError: 22,
  TimeoutError: 23,
  InvalidNodeTypeError: 24,
  DataCloneError: 25,
};

export class DOMException extends Error {
  readonly code: number;

  constructor(message = '', nameOrOptions: string | { name?: string; cause?: unknown } = 'Error') {
    const { name = 'Error', ...rest } =
      typeof nameOrOptions === 'string' ? { name: nameOrOptions } : nameOrOptions;
    super(message, rest);
    Object.defineProperty(this, 'name', { value: name, configurable: true });
    this.code = legacyCodes[name] ?? 0;
    Object.defineProperty(this, 'code', { enumerable: false });
  }

  get [Symbol.toStringTag](): string {
    return 'DOMException';
  }
}

for (const [name, code] of Object.entries(legacyCodes)) {
  const constant = `${name
    .replace(/Error$/, '')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toUpperCase()}_ERR`;
  for (const holder of [DOMException, DOMException.prototype]) {
    Object.defineProperty(holder, constant, { value: code, enumerable: true });
  }
}
