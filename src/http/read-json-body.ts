import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../errors.ts';
import { positionOfJsonFault } from './json-position.ts';

const bodyLimitBytes = 1024 * 1024;
/** A refused body up to this size is read and thrown away so that the connection can be used again; else it is closed. */
const discardLimitBytes = 16 * 1024 * 1024;

function checkType(req: IncomingMessage): void {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = req.headers;
  if (!/^application\/json *(?:; *charset="?utf-8"? *)?$/i.test(type)) {
    throw new ServiceError('unsupported_media_type', {
      detail: 'Send the body as JSON in UTF-8 with "Content-Type: application/json"',
    });
  }
  if (encoding !== 'identity') {
    throw new ServiceError('unsupported_media_type', { detail: 'Send the body without a Content-Encoding' });
  }
}

/**
 * Resolves when the rest has been thrown away, or is too much for that. Only then is the answer sent: some clients,
 * Node's own among them, stop sending for good when an answer arrives before they are done, and keep the socket.
 */
function discardRest(req: IncomingMessage, alreadyRead: number): Promise<void> {
  let read = alreadyRead;
  return new Promise((resolve) => {
    req.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read > discardLimitBytes) resolve();
    });
    req.on('end', resolve).on('close', resolve).on('error', resolve);
  });
}

function tooLarge(): ServiceError {
  return new ServiceError('payload_too_large', {
    detail: `The body may have ${bodyLimitBytes} bytes at most`,
  });
}

function readBytes(req: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const letGo = () => req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
    const refuse = () => {
      letGo();
      void discardRest(req, size).then(() => reject(tooLarge()));
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyLimitBytes) refuse();
      else chunks.push(chunk);
    };
    const onEnd = () => {
      letGo();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    };
    const onClose = () => {
      letGo();
      req.on('error', () => {});
      reject(new ServiceError('invalid_request', { detail: 'The body ended early' }));
    };
    const announced = Number(req.headers['content-length'] ?? 0);
    if (announced > discardLimitBytes) return reject(tooLarge());
    if (announced > bodyLimitBytes) return refuse();
    req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

const depthLimit = 64;

/**
 * `__proto__` as a key becomes a prototype when such an object is copied carelessly, here or in a script; and
 * what is nested by the thousand overflows the stack of whoever walks it next.
 */
function refuseHostileShape(value: unknown, path: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > depthLimit) {
    throw new ServiceError('invalid_request', {
      detail: `The body is nested deeper than ${depthLimit} levels`,
    });
  }
  for (const key in value) {
    if (key === '__proto__') {
      const message = 'is not allowed as a field name';
      const at = path === '' ? key : `${path}.${key}`;
      const issues = [{ path: at, message, code: 'unknown_field' }];
      throw new ServiceError('invalid_request', { detail: `${at} ${message}`, issues });
    }
    const inner = (value as Record<string, unknown>)[key];
    if (typeof inner === 'object') refuseHostileShape(inner, path === '' ? key : `${path}.${key}`, depth + 1);
  }
}

export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0)
    throw new ServiceError('invalid_request', { detail: 'The body must be a JSON object' });
  if (!isUtf8(bytes)) throw new ServiceError('invalid_request', { detail: 'The body is not valid UTF-8' });
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const { line, column } = positionOfJsonFault(text);
    const message = `is not valid JSON at line ${line}, column ${column}`;
    const issues = [{ path: '', message, code: 'malformed_json' }];
    throw new ServiceError('invalid_request', { detail: `The body ${message}`, issues });
  }
  refuseHostileShape(value, '', 1);
  return value;
}

/**
 * The body of a request as JSON. Own code rather than express.json, whose errors quote the body, which may hold a
 * password, and name no position for half of the mistakes. Throws invalid_request, unsupported_media_type and
 * payload_too_large.
 */
export async function readJsonBody(req: IncomingMessage): Promise<unknown> {
  checkType(req);
  return parseJson(await readBytes(req));
}
