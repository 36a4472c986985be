/**
 * A small PNG encoder for 8-bit grey images whose bytes depend on the pixels alone: zlib's differ between Node versions and processors, and a seed
 * shall give the same files everywhere. Rows are differences from the row above, then Huffman-coded without search for repeats, which camera
 * noise does not have. PNG: ISO/IEC 15948; DEFLATE: RFC 1951.
 */
import { ShapeError } from '../util/errors';

/**
 * Encodes grey values as a PNG file.
 *
 * @param pixels [height · width] 0..255
 * @throws ShapeError when the number of pixels is another
 */
export function encodePng(pixels: Uint8Array, width: number, height: number): Uint8Array {
  if (pixels.length !== width * height) {
    throw new ShapeError(`encodePng needs ${width} × ${height} pixels, got ${pixels.length}`);
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8); // bits per pixel; then grey, deflate, adaptive filters, not interlaced: all 0
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', new Uint8Array(header.buffer)),
    chunk('IDAT', compress(filterRows(pixels, width, height))),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

/** Each row as its difference from the one above (filter 2, "Up"), after the filter's number. */
function filterRows(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y++) {
    const out = y * (width + 1);
    rows[out] = 2;
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      rows[out + 1 + x] = pixels[at] - (y > 0 ? pixels[at - width] : 0);
    }
  }
  return rows;
}

/** A zlib stream of one DEFLATE block: dynamic Huffman codes, literals only. */
function compress(bytes: Uint8Array): Uint8Array {
  const counts = new Float64Array(257);
  for (const byte of bytes) counts[byte]++;
  const endOfBlock = 256;
  counts[endOfBlock] = 1;
  const lengths = codeLengths(counts, 15);
  const codes = canonicalCodes(lengths);

  const out = new BitWriter(bytes.length * 2 + 1024); // 15 bits a literal at most
  out.write(0x78, 8); // zlib: deflate with a window of 32 KiB
  out.write(0x01, 8);
  out.write(1, 1); // the last block
  out.write(2, 2); // dynamic codes
  out.write(0, 5); // 257 literal and length codes
  out.write(0, 5); // 1 distance code, never used
  writeLengths(out, Uint8Array.from([...lengths, 1]));
  for (let i = 0; i < bytes.length; i++) out.write(codes[bytes[i]], lengths[bytes[i]]);
  out.write(codes[endOfBlock], lengths[endOfBlock]);
  out.align();
  const sum = adler32(bytes);
  for (const shift of [24, 16, 8, 0]) out.write((sum >>> shift) & 255, 8);
  return out.bytes();
}

/** The order in which lengths of the lengths' own codes are stored (RFC 1951, 3.2.7). */
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** The code lengths, themselves Huffman-coded one by one, runs of zeros as one symbol. */
function writeLengths(out: BitWriter, lengths: Uint8Array): void {
  const symbols: { symbol: number; extra: number; bits: number }[] = [];
  for (let i = 0; i < lengths.length; ) {
    let run = 0;
    while (lengths[i] === 0 && i + run < lengths.length && lengths[i + run] === 0 && run < 138) run++;
    if (run >= 11) symbols.push({ symbol: 18, extra: run - 11, bits: 7 });
    else if (run >= 3) symbols.push({ symbol: 17, extra: run - 3, bits: 3 });
    else {
      symbols.push({ symbol: lengths[i], extra: 0, bits: 0 });
      run = 1;
    }
    i += run;
  }
  const counts = new Float64Array(19);
  for (const { symbol } of symbols) counts[symbol]++;
  const sizes = codeLengths(counts, 7);
  const codes = canonicalCodes(sizes);
  out.write(lengthOrder.length - 4, 4);
  for (const symbol of lengthOrder) out.write(sizes[symbol], 3);
  for (const { symbol, extra, bits } of symbols) {
    out.write(codes[symbol], sizes[symbol]);
    out.write(extra, bits);
  }
}

/**
 * Huffman code lengths of at most `limit` bits: where the tree is deeper, rare symbols are counted as more frequent and it is built again. Ties go
 * to the smaller symbol, so the lengths follow from the counts alone. At least two symbols must occur.
 */
function codeLengths(counts: Float64Array, limit: number): Uint8Array {
  const used = [...counts.keys()].filter((symbol) => counts[symbol] > 0);
  const lengths = new Uint8Array(counts.length);
  for (let least = 1; ; least *= 2) {
    const leaves = used
      .map((symbol) => ({ weight: Math.max(least, counts[symbol]), symbol }))
      .sort((a, b) => a.weight - b.weight || a.symbol - b.symbol);
    const n = leaves.length;
    const weights = leaves.map(({ weight }) => weight); // inner nodes follow, in growing order too
    const parents: number[] = [];
    let [leaf, inner] = [0, n];
    const lightest = () =>
      leaf < n && (inner >= weights.length || weights[leaf] <= weights[inner]) ? leaf++ : inner++;
    while (weights.length < 2 * n - 1) {
      const [a, b] = [lightest(), lightest()];
      parents[a] = parents[b] = weights.length;
      weights.push(weights[a] + weights[b]);
    }
    const depths = new Array<number>(2 * n - 1).fill(0);
    for (let node = 2 * n - 3; node >= 0; node--) depths[node] = depths[parents[node]] + 1;
    if (Math.max(...depths) > limit) continue;
    leaves.forEach(({ symbol }, i) => {
      lengths[symbol] = depths[i];
    });
    return lengths;
  }
}

/** Codes that follow from their lengths (RFC 1951, 3.2.2), bits reversed as the stream wants them. */
function canonicalCodes(lengths: Uint8Array): Uint16Array {
  const codes = new Uint16Array(lengths.length);
  let code = 0;
  for (let length = 1; length <= 15; length++) {
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue;
      for (let bit = 0; bit < length; bit++) if (code & (1 << bit)) codes[symbol] |= 1 << (length - 1 - bit);
      code++;
    }
    code <<= 1;
  }
  return codes;
}

/** Bits in a row, the lowest first. */
class BitWriter {
  private readonly buffer: Uint8Array;
  private length = 0;
  private pending = 0;
  private pendingBits = 0;

  constructor(capacity: number) {
    this.buffer = new Uint8Array(capacity);
  }

  /** Up to 16 bits. */
  write(value: number, bits: number): void {
    this.pending |= value << this.pendingBits;
    this.pendingBits += bits;
    while (this.pendingBits >= 8) {
      this.buffer[this.length++] = this.pending & 255;
      this.pending >>>= 8;
      this.pendingBits -= 8;
    }
  }

  align(): void {
    if (this.pendingBits > 0) this.write(0, 8 - this.pendingBits);
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}

/** Length, name, data, check sum. */
function chunk(name: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = name.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) value = (value >>> 8) ^ crcTable[(value ^ bytes[i]) & 255];
  return ~value >>> 0;
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (let i = 0; i < bytes.length; i++) {
    a = (a + bytes[i]) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}
