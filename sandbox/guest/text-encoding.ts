/** TextEncoder and TextDecoder of the Encoding standard; the multi-byte encodings of East Asia are left out. */
export {
  TextDecoder,
  TextDecoderStream,
  TextEncoder,
  TextEncoderStream,
} from '@exodus/bytes/encoding-lite.js';
