/** As much of elf(5) as tells how an executable is loaded: 64 bits, little-endian. */

export const ET_DYN = 3;
export const MACHINE = { x86: 62, aarch64: 183 } as const;
export const SEGMENT = {
  load: 1,
  dynamic: 2,
  interpreter: 3,
  stack: 0x6474e551,
  relro: 0x6474e552,
} as const;
export const FLAG = { execute: 1, write: 2 } as const;
export const DYNAMIC = {
  needed: 1,
  rela: 7,
  relaSize: 8,
  packedSize: 35,
  packed: 36,
  textRelocations: 22,
  jumpRelocations: 23,
  flags: 30,
  runPath: 29,
  flags1: 0x6ffffffb,
} as const;
export const DF = { textRelocations: 4, bindNow: 8, now1: 1, pie1: 0x08000000 } as const;
/** The type of a relocation that adds the load address. */
export const RELATIVE = { x86: 8, aarch64: 1027 } as const;

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

export interface Elf {
  readonly type: number;
  readonly machine: number;
  readonly segments: readonly Segment[];
  /** Tag to values: DT_NEEDED may be there more than once. */
  readonly dynamic: ReadonlyMap<number, readonly number[]>;
  readonly relocations: readonly { readonly address: number; readonly type: number }[];
  /** Of .symtab: none in a stripped file. */
  readonly symbols: readonly string[];
}

const SYMBOL_TABLE = 2;

export function parseElf(file: Buffer): Elf {
  if (file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1)
    throw new Error('not a 64-bit little-endian ELF file');
  const number = (offset: number): number => Number(file.readBigUInt64LE(offset));
  const table = (start: number, size: number, count: number): number[] =>
    Array.from({ length: count }, (_, index) => start + index * size);

  const segments = table(number(32), file.readUInt16LE(54), file.readUInt16LE(56)).map((at) => ({
    type: file.readUInt32LE(at),
    flags: file.readUInt32LE(at + 4),
    offset: number(at + 8),
    address: number(at + 16),
    fileSize: number(at + 32),
    memorySize: number(at + 40),
  }));
  const sections = table(number(40), file.readUInt16LE(58), file.readUInt16LE(60)).map((at) => ({
    type: file.readUInt32LE(at + 4),
    offset: number(at + 24),
    size: number(at + 32),
    link: file.readUInt32LE(at + 40),
  }));

  const dynamic = new Map<number, number[]>();
  for (const { offset, fileSize } of segments.filter(({ type }) => type === SEGMENT.dynamic))
    for (const at of table(offset, 16, fileSize / 16)) {
      const tag = number(at);
      if (tag === 0) break;
      dynamic.set(tag, [...(dynamic.get(tag) ?? []), number(at + 8)]);
    }

  const toOffset = (address: number): number => {
    const segment = segments.find(
      (one) => one.type === SEGMENT.load && address >= one.address && address < one.address + one.memorySize,
    );
    if (segment === undefined) throw new Error(`address ${address} is in no segment`);
    return address - segment.address + segment.offset;
  };
  const [rela] = dynamic.get(DYNAMIC.rela) ?? [];
  const [relaSize = 0] = dynamic.get(DYNAMIC.relaSize) ?? [];
  const relocations =
    rela === undefined
      ? []
      : table(toOffset(rela), 24, relaSize / 24).map((at) => ({
          address: number(at),
          type: file.readUInt32LE(at + 8),
        }));
  const [packedAt] = dynamic.get(DYNAMIC.packed) ?? [];
  const [packedSize = 0] = dynamic.get(DYNAMIC.packedSize) ?? [];
  const packed =
    packedAt === undefined
      ? []
      : unpack(table(toOffset(packedAt), 8, packedSize / 8).map((at) => file.readBigUInt64LE(at)));

  return {
    type: file.readUInt16LE(16),
    machine: file.readUInt16LE(18),
    segments,
    dynamic,
    relocations: [...relocations, ...packed],
    symbols: sections
      .filter(({ type }) => type === SYMBOL_TABLE)
      .flatMap((one) => symbolsOf(file, sections, one)),
  };
}

function symbolsOf(file: Buffer, sections: readonly Section[], { offset, size, link }: Section): string[] {
  const strings = sections[link];
  if (strings === undefined) return [];
  const names: string[] = [];
  for (let at = offset; at < offset + size; at += 24) {
    const start = strings.offset + file.readUInt32LE(at);
    names.push(file.toString('latin1', start, file.indexOf(0, start)));
  }
  return names;
}

/** Relative ones as DT_RELR has them: an address, then for each 63 words behind it a bitmap. */
function unpack(words: readonly bigint[]): { address: number; type: number }[] {
  const addresses: number[] = [];
  let behind = 0;
  for (const word of words) {
    if ((word & 1n) === 0n) {
      addresses.push(Number(word));
      behind = Number(word) + 8;
      continue;
    }
    for (let bit = 1; bit < 64; bit++) if ((word >> BigInt(bit)) & 1n) addresses.push(behind + (bit - 1) * 8);
    behind += 63 * 8;
  }
  // Only x86's linker packs.
  return addresses.map((address) => ({ address, type: RELATIVE.x86 }));
}
