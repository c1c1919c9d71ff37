/**
 * Archives whose bytes depend on nothing but what is in them: in the order that is given, everything root's, all of one time.
 *
 * @param entries path to { mode, content }; content is a Buffer, or undefined for a directory (its path ends in /)
 */
import { gzipSync } from 'node:zlib';

export function tar(entries, time) {
  const blocks = Object.entries(entries).flatMap(([path, { mode, content }]) => {
    const size = content?.length ?? 0;
    const padding = Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
    return [header(path, mode, size, time, content ? '0' : '5'), content ?? Buffer.alloc(0), padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** As `gzip -n -9`. */
export function gzip(bytes) {
  const packed = gzipSync(bytes, { level: 9 });
  // Which system it was made on: zlib's own.
  packed[9] = 3;
  return packed;
}

const BLOCK = 512;

/** ustar (pax(1)). */
function header(path, mode, size, time, type) {
  if (Buffer.byteLength(path) > 100) throw new Error(`${path}: too long for a tar archive`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value, at, length) => block.write(value.toString(8).padStart(length - 1, '0'), at, 'ascii');
  block.write(path, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(time, 136, 12);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  block.write('ustar\x0000', 257, 'latin1');
  block.write('root', 265);
  block.write('root', 297);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}
