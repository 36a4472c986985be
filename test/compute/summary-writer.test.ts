import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadBackend, openSummaryWriter, tf } from '../../src/compute';
import { montagePng } from '../../src/plots/montage';

/** The records of a TFRecord file: length (8 bytes), its masked CRC-32C, data, the data's. */
function records(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    assert.equal(file.readUInt32LE(at + 8), maskedCrc(file.subarray(at, at + 8)), 'sum of the length');
    const data = file.subarray(at + 12, at + 12 + length);
    assert.equal(file.readUInt32LE(at + 12 + length), maskedCrc(data), 'sum of the data');
    found.push(data);
    at += length + 16;
  }
  return found;
}

/** CRC-32C (Castagnoli), rotated and shifted as the TFRecord format asks. */
function maskedCrc(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** The fields of a protocol buffer message: number → values; bytes for what has a length. */
function fields(message: Buffer): Map<number, (Buffer | bigint)[]> {
  const found = new Map<number, (Buffer | bigint)[]>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = Number(varint());
    const widths: Record<number, number> = { 1: 8, 5: 4 };
    const kind = key & 7;
    const length = kind === 0 ? 0 : (widths[kind] ?? Number(varint()));
    const value = kind === 0 ? varint() : message.subarray(at, at + length);
    at += length;
    found.set(key >> 3, [...(found.get(key >> 3) ?? []), value]);
  }
  return found;
}

const bytes = (of: Map<number, (Buffer | bigint)[]>, field: number) => of.get(field)?.[0] as Buffer;

describe('event files for TensorBoard', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lch-events-'));
  before(() => loadBackend());
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('hold numbers and pictures with their names and steps, in records whose sums are right', async (t) => {
    if (tf.getBackend() !== 'tensorflow') return t.skip('WASM writes none');
    const png = Buffer.from(
      await montagePng(new Float32Array(2 * 16), { count: 2, size: 4, columns: 2, title: 'two crops' }),
    );
    const { numTensors } = tf.memory();
    const writer = openSummaryWriter(folder);
    writer.scalar('epoch/loss', 0.25, 7);
    writer.image('snapshot', png, 7);
    writer.dispose();
    assert.equal(tf.memory().numTensors, numTensors);

    const [name] = readdirSync(folder);
    // Event { step = 2, summary = 5 { value = 1 { tag = 1, tensor = 8, metadata = 9 } } }
    const events = records(readFileSync(join(folder, name)))
      .map(fields)
      .filter((event) => event.has(5));
    assert.deepEqual(
      events.map((event) => event.get(2)),
      [[7n], [7n]],
    );
    const [scalar, image] = events.map((event) => fields(bytes(fields(bytes(event, 5)), 1)));
    assert.equal(bytes(scalar, 1).toString(), 'epoch/loss');
    assert.equal(bytes(image, 1).toString(), 'snapshot');
    // SummaryMetadata { plugin_data = 1 { plugin_name = 1 }, data_class = 4 (3: a sequence of blobs) }
    const metadata = fields(bytes(image, 9));
    assert.equal(bytes(fields(bytes(metadata, 1)), 1).toString(), 'images');
    assert.deepEqual(metadata.get(4), [3n]);
    // TensorProto { string_val = 8 }
    const [width, height, picture] = fields(bytes(image, 8)).get(8) as Buffer[];
    assert.equal(width.toString(), String(png.readUInt32BE(16)));
    assert.equal(height.toString(), String(png.readUInt32BE(20)));
    assert.ok(picture.equals(png));
  });
});
