/**
 * Reads files that Torch7's `torch.save` wrote (`.t7`), binary or ascii. Format: the torch7 sources (File.lua, Tensor.lua); facts in
 * the reference's golden notes. Old files without the "V n" version string are read too.
 */
import { ModelError } from '../util/errors';

/** Anything a `.t7` file can hold. */
export type Torch7Value =
  | null
  | number
  | string
  | boolean
  | Torch7Tensor
  | Torch7Storage
  | Torch7Object
  | Torch7Table;

/** A Lua table: keys are any values; a list has the number keys 1, 2, 3, … */
export type Torch7Table = Map<Torch7Value, Torch7Value>;

/** Numbers of a storage. Long integers are kept as doubles where they fit (up to 2⁵³). */
export interface Torch7Storage {
  kind: 'storage';
  /** Such as "torch.FloatStorage". */
  type: string;
  values: NumericArray;
}

/** A view of a storage. */
export interface Torch7Tensor {
  kind: 'tensor';
  /** Such as "torch.FloatTensor". */
  type: string;
  shape: number[];
  strides: number[];
  /** First element's index in the storage, from 0. */
  offset: number;
  storage: Torch7Storage | null;
}

/** An instance of a Torch class, such as nn.SpatialConvolution, with its fields. */
export interface Torch7Object {
  kind: 'object';
  /** Such as "nn.SpatialConvolution". */
  type: string;
  fields: Torch7Value;
}

type NumericArray = Float32Array | Float64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

/** The elements of a tensor in C order, strides and offset honoured. */
export function tensorValues({ shape, strides, offset, storage }: Torch7Tensor): Float64Array {
  const count = shape.length === 0 ? 0 : shape.reduce((product, side) => product * side, 1);
  const values = new Float64Array(count);
  if (!storage) return values;
  const index = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let i = 0; i < count; i++) {
    values[i] = storage.values[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return values;
}

/** Reader of the value kinds that both forms are made of. */
interface Source {
  int(): number;
  long(): number;
  number(): number;
  text(length: number): string;
  array(type: string, length: number): NumericArray;
}

const elementTypes: Record<
  string,
  { bytes: number; read: (view: DataView, at: number) => number; make: (n: number) => NumericArray }
> = {
  Double: { bytes: 8, read: (view, at) => view.getFloat64(at, true), make: (n) => new Float64Array(n) },
  Float: { bytes: 4, read: (view, at) => view.getFloat32(at, true), make: (n) => new Float32Array(n) },
  Cuda: { bytes: 4, read: (view, at) => view.getFloat32(at, true), make: (n) => new Float32Array(n) },
  CudaDouble: { bytes: 8, read: (view, at) => view.getFloat64(at, true), make: (n) => new Float64Array(n) },
  Long: {
    bytes: 8,
    read: (view, at) => Number(view.getBigInt64(at, true)),
    make: (n) => new Float64Array(n),
  },
  CudaLong: {
    bytes: 8,
    read: (view, at) => Number(view.getBigInt64(at, true)),
    make: (n) => new Float64Array(n),
  },
  Int: { bytes: 4, read: (view, at) => view.getInt32(at, true), make: (n) => new Int32Array(n) },
  Short: { bytes: 2, read: (view, at) => view.getInt16(at, true), make: (n) => new Int16Array(n) },
  Char: { bytes: 1, read: (view, at) => view.getInt8(at), make: (n) => new Int8Array(n) },
  Byte: { bytes: 1, read: (view, at) => view.getUint8(at), make: (n) => new Uint8Array(n) },
  CudaByte: { bytes: 1, read: (view, at) => view.getUint8(at), make: (n) => new Uint8Array(n) },
};

/**
 * Reads one value from the bytes of a `.t7` file.
 *
 * @param bytes the whole file
 * @param name its name, for messages
 * @throws ModelError when the bytes are no Torch7 file, end early, or hold a kind of value that cannot be read (functions)
 */
export function readTorch7(bytes: Uint8Array, name = 'the .t7 file'): Torch7Value {
  const ascii = looksAscii(bytes);
  try {
    return parse(ascii ? asciiSource(bytes) : binarySource(bytes));
  } catch (error) {
    if (error instanceof ModelError) throw new ModelError(`${name}: ${error.message}`);
    if (error instanceof RangeError)
      throw new ModelError(`${name} ends early or is no Torch7 file; fetch it again`, { cause: error });
    throw error;
  }
}

/** An ascii file starts with the type number as a line ("4\n"), a binary one with four bytes little-endian. */
function looksAscii(bytes: Uint8Array): boolean {
  return (
    bytes.length >= 2 && bytes[0] >= 0x30 && bytes[0] <= 0x38 && (bytes[1] === 0x0a || bytes[1] === 0x0d)
  );
}

function parse(source: Source): Torch7Value {
  const seen = new Map<number, Torch7Value>();

  const object = (): Torch7Value => {
    const type = source.int();
    switch (type) {
      case 0:
        return null;
      case 1:
        return source.number();
      case 2:
        return source.text(source.int());
      case 3:
        return table();
      case 4:
        return torchObject();
      case 5:
        return source.int() === 1;
      case 6:
      case 7:
      case 8:
        throw new ModelError('holds a Lua function, which cannot be read; save the weights alone');
      default:
        throw new ModelError(`is no Torch7 file (value of the unknown kind ${type})`);
    }
  };

  const table = (): Torch7Value => {
    const index = source.int();
    const known = seen.get(index);
    if (known !== undefined) return known;
    const map: Torch7Table = new Map();
    seen.set(index, map);
    const count = source.int();
    for (let i = 0; i < count; i++) {
      const key = object();
      map.set(key, object());
    }
    return map;
  };

  const torchObject = (): Torch7Value => {
    const index = source.int();
    const known = seen.get(index);
    if (known !== undefined) return known;
    const version = source.text(source.int());
    const className = /^V \d+$/.test(version) ? source.text(source.int()) : version;
    const element = /^torch\.(\w+?)(Tensor|Storage)$/.exec(className);
    if (element?.[2] === 'Storage') {
      const storage: Torch7Storage = { kind: 'storage', type: className, values: new Uint8Array(0) };
      seen.set(index, storage);
      storage.values = source.array(element[1], source.long());
      return storage;
    }
    if (element) {
      const tensor: Torch7Tensor = {
        kind: 'tensor',
        type: className,
        shape: [],
        strides: [],
        offset: 0,
        storage: null,
      };
      seen.set(index, tensor);
      const dimensions = source.int();
      if (dimensions < 0 || dimensions > 64)
        throw new ModelError(`is damaged (a tensor of ${dimensions} dimensions)`);
      tensor.shape = Array.from(source.array('Long', dimensions));
      tensor.strides = Array.from(source.array('Long', dimensions));
      tensor.offset = source.long() - 1;
      tensor.storage = object() as Torch7Storage | null;
      return tensor;
    }
    const instance: Torch7Object = { kind: 'object', type: className, fields: null };
    seen.set(index, instance);
    instance.fields = object();
    return instance;
  };

  return object();
}

function elementType(type: string) {
  const element = elementTypes[type];
  if (!element) throw new ModelError(`holds a storage of the unknown type ${type}`);
  return element;
}

function binarySource(bytes: Uint8Array): Source {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number) => {
    if (length < 0 || at + length > bytes.byteLength) throw new RangeError('out of bytes');
    at += length;
    return at - length;
  };
  return {
    int: () => view.getInt32(take(4), true),
    long: () => Number(view.getBigInt64(take(8), true)),
    number: () => view.getFloat64(take(8), true),
    text: (length) => Buffer.from(bytes.buffer, bytes.byteOffset + take(length), length).toString('utf8'),
    array(type, length) {
      const element = elementType(type);
      const start = take(length * element.bytes);
      const values = element.make(length);
      for (let i = 0; i < length; i++) values[i] = element.read(view, start + i * element.bytes);
      return values;
    },
  };
}

function asciiSource(bytes: Uint8Array): Source {
  let at = 0;
  const line = () => {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) throw new RangeError('out of lines');
    const text = Buffer.from(bytes.subarray(at, end)).toString('latin1');
    at = end + 1;
    return text.trim();
  };
  const raw = (length: number) => {
    if (length < 0 || at + length > bytes.length) throw new RangeError('out of bytes');
    const part = bytes.subarray(at, at + length);
    if (length > 0) at += length + 1; // and the newline behind it; an empty one writes nothing at all
    return part;
  };
  return {
    int: () => Number(line()),
    long: () => Number(line()),
    number: () => luaNumber(line()),
    text: (length) => Buffer.from(raw(length)).toString('utf8'),
    array(type, length) {
      const element = elementType(type);
      const values = element.make(length);
      if (length === 0) return values;
      if (element.bytes === 1) {
        const part = raw(length);
        for (let i = 0; i < length; i++) values[i] = part[i]; // Int8Array wraps to signed by itself
        return values;
      }
      const words = line().split(/\s+/);
      if (words.length !== length) throw new RangeError(`${words.length} of ${length} elements`);
      for (let i = 0; i < length; i++) values[i] = luaNumber(words[i]);
      return values;
    },
  };
}

/** Lua prints infinities and not-a-number in its C library's words. */
function luaNumber(text: string): number {
  const special = /^(-?)(inf|nan)/i.exec(text);
  if (special)
    return special[2].toLowerCase() === 'nan'
      ? Number.NaN
      : special[1]
        ? Number.NEGATIVE_INFINITY
        : Number.POSITIVE_INFINITY;
  return Number(text);
}
