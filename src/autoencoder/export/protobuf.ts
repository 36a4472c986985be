/**
 * Writing protocol buffers (proto3 wire format): fields by number, as bytes. Only what ONNX needs, and only writing.
 */

/** Collects the fields of one message. Large byte fields are kept as they are until {@link finish}. */
export class ProtobufMessage {
  private readonly parts: Uint8Array[] = [];

  /** int32, int64, enum: a varint. Negative values take ten bytes, as the format has it. */
  integer(field: number, value: number | bigint): this {
    this.parts.push(varint((field << 3) | 0), varint(value));
    return this;
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.parts.push(varint((field << 3) | 5), bytes);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.parts.push(varint((field << 3) | 2), varint(value.byteLength), value);
    return this;
  }

  message(field: number, value: ProtobufMessage): this {
    this.parts.push(varint((field << 3) | 2), varint(value.length), ...value.parts);
    return this;
  }

  /** Whole numbers one after the other in one field. */
  integers(field: number, values: readonly number[]): this {
    return this.bytes(field, Buffer.concat(values.map(varint)));
  }

  get length(): number {
    return this.parts.reduce((sum, part) => sum + part.byteLength, 0);
  }

  finish(): Uint8Array {
    return Buffer.concat(this.parts);
  }
}

/** Seven bits a byte, lowest first, the eighth set on all but the last; negative numbers as their 64-bit complement. */
function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
