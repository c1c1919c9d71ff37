/** The core's strings have one character per byte (see Sys); Node's own interfaces want Buffers for that. */

export function toBytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** A path as node:fs takes it. */
export function toPath(text: string): string | Buffer {
  return isAscii(text) ? text : toBytes(text);
}

/** Most texts are, and of these no Buffer has to be made: each character is one byte either way. */
function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

export function fromBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** A JavaScript string, as users of the library write it, as the core's. */
export function fromUnicode(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** The core's string as people read it. */
export function toUnicode(text: string): string {
  return isAscii(text) ? text : toBytes(text).toString('utf8');
}

/** NUL-terminated, as system calls take it. */
export function toCString(text: string): Buffer {
  return toBytes(`${text}\0`);
}
