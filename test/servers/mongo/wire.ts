import { BSON, type Document } from 'mongodb';

/** The message formats of MongoDB's wire protocol that its drivers send today, and the one of their first hello. */
const opReply = 1;
const opQuery = 2004;
const opMsg = 2013;

const checksumPresent = 1 << 0;
const moreToCome = 1 << 1;

export interface WireRequest {
  id: number;
  database: string;
  command: Document;
  /** Encodes the answer in the request's own format; undefined where the client wants none. */
  encode: ((reply: Document) => Buffer) | undefined;
}

const deserialize = (bytes: Buffer) => BSON.deserialize(bytes);

/** The document that starts at an offset, and where it ends. */
function documentAt(bytes: Buffer, start: number): [document: Document, end: number] {
  const end = start + bytes.readInt32LE(start);
  return [deserialize(bytes.subarray(start, end)), end];
}

function message(opCode: number, responseTo: number, ...body: (Uint8Array | Buffer)[]): Buffer {
  const header = Buffer.alloc(16);
  header.writeInt32LE(16 + body.reduce((sum, part) => sum + part.length, 0), 0);
  header.writeInt32LE(responseTo, 8);
  header.writeInt32LE(opCode, 12);
  return Buffer.concat([header, ...body]);
}

function parseMsg(id: number, body: Buffer): WireRequest {
  const flags = body.readUInt32LE(0);
  const end = body.length - (flags & checksumPresent ? 4 : 0);
  let command: Document = {};
  const sequences: Document = {};
  for (let offset = 4; offset < end; ) {
    const kind = body[offset];
    if (kind === 0) {
      [command, offset] = documentAt(body, offset + 1);
    } else if (kind === 1) {
      const sectionEnd = offset + 1 + body.readInt32LE(offset + 1);
      const nameEnd = body.indexOf(0, offset + 5);
      const documents: Document[] = [];
      for (let at = nameEnd + 1; at < sectionEnd; ) {
        const [document, next] = documentAt(body, at);
        documents.push(document);
        at = next;
      }
      sequences[body.toString('utf8', offset + 5, nameEnd)] = documents;
      offset = sectionEnd;
    } else {
      throw new Error(`OP_MSG with a section of kind ${kind}`);
    }
  }
  const encode = (reply: Document) => message(opMsg, id, Buffer.alloc(5), BSON.serialize(reply));
  return {
    id,
    database: String(command.$db),
    command: { ...command, ...sequences },
    encode: flags & moreToCome ? undefined : encode,
  };
}

function parseQuery(id: number, body: Buffer): WireRequest {
  const nameEnd = body.indexOf(0, 4);
  const namespace = body.toString('utf8', 4, nameEnd);
  if (!namespace.endsWith('.$cmd')) throw new Error('OP_QUERY for documents: no driver sends that any more');
  const [query] = documentAt(body, nameEnd + 9);
  return {
    id,
    database: namespace.slice(0, -'.$cmd'.length),
    command: query.$query ?? query,
    encode(reply) {
      const head = Buffer.alloc(20);
      head.writeInt32LE(1, 16);
      return message(opReply, id, head, BSON.serialize(reply));
    },
  };
}

/** A whole message, header included. Throws for formats that no driver of these days sends. */
export function parseRequest(frame: Buffer): WireRequest {
  const id = frame.readInt32LE(4);
  const opCode = frame.readInt32LE(12);
  if (opCode === opMsg) return parseMsg(id, frame.subarray(16));
  if (opCode === opQuery) return parseQuery(id, frame.subarray(16));
  throw new Error(`A message with opCode ${opCode}`);
}

export const messageLength = (bytes: Buffer) => (bytes.length < 4 ? undefined : bytes.readInt32LE(0));
