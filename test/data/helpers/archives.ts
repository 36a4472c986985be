/** Writes tar.gz and zip archives byte by byte, so that they can hold what no honest program writes. */
import { deflateRawSync, gzipSync } from 'node:zlib';

export interface ArchiveEntry {
  name: string;
  content?: Buffer;
  kind?: 'file' | 'folder' | 'symlink' | 'hardlink' | 'device';
  /** Where a link points. */
  target?: string;
  /** Zip: the size that the archive claims. */
  claimedSize?: number;
}

// type letters of the tar format (POSIX ustar)
const TAR_TYPE = { file: '0', hardlink: '1', symlink: '2', device: '3', folder: '5' };

export function tarGz(entries: readonly ArchiveEntry[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { name, content = Buffer.alloc(0), kind = 'file', target = '' } of entries) {
    const header = Buffer.alloc(512);
    header.write(name, 0, 100, 'latin1');
    header.write('0000644\0', 100);
    header.write('0000000\0'.repeat(2), 108);
    header.write(content.length.toString(8).padStart(11, '0') + '\0', 124);
    header.write('00000000000\0', 136);
    header.write(' '.repeat(8), 148); // the sum counts its own field as spaces
    header.write(TAR_TYPE[kind], 156);
    header.write(target, 157, 100, 'latin1');
    header.write('ustar\0' + '00', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(sum.toString(8).padStart(6, '0') + '\0 ', 148);
    blocks.push(header, content, Buffer.alloc((512 - (content.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

export function zip(entries: readonly ArchiveEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content = Buffer.alloc(0), kind = 'file', target = '', claimedSize } of entries) {
    const data = kind === 'symlink' ? Buffer.from(target) : content;
    const packed = deflateRawSync(data);
    const names = Buffer.from(name, 'utf8');
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(data), 0);
    sizes.writeUInt32LE(packed.length, 4);
    sizes.writeUInt32LE(claimedSize ?? data.length, 8);
    const common = Buffer.alloc(10); // version, flags (UTF-8), method (deflate), time, date
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt16LE(8, 4);
    const lengths = Buffer.alloc(4);
    lengths.writeUInt16LE(names.length, 0);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, sizes, lengths, names, packed]);

    const mode = {
      file: 0o100644,
      folder: 0o040755,
      symlink: 0o120777,
      hardlink: 0o100644,
      device: 0o020644,
    }[kind];
    const tail = Buffer.alloc(14); // comment length, disk, internal and external attributes, offset
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    const madeBy = Buffer.from([20, 3]); // on Unix: the external attributes hold the mode
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), madeBy, common, sizes, lengths, tail, names]),
    );
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

/** The checksum of the zip format, bit by bit. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
