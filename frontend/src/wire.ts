/** Decoder of Columns answers: the safetensors layout (see docs/http.md). */

export type WireData = Float32Array | Int32Array | Uint8Array | Uint16Array;

export interface WireArray {
  shape: readonly number[];
  data: WireData;
}

export interface Columns {
  json: unknown;
  arrays: ReadonlyMap<string, WireArray>;
}

/** A Columns answer that does not follow the layout. */
export class WireError extends Error {
  override name = 'WireError';
}

type View = (buffer: ArrayBuffer, offset: number, length: number) => WireData;

const ITEM: Readonly<Record<string, { bytes: number; view: View }>> = {
  F32: { bytes: 4, view: (buffer, offset, length) => new Float32Array(buffer, offset, length) },
  I32: { bytes: 4, view: (buffer, offset, length) => new Int32Array(buffer, offset, length) },
  F16: { bytes: 2, view: (buffer, offset, length) => widen(new Uint16Array(buffer, offset, length)) },
  U16: { bytes: 2, view: (buffer, offset, length) => new Uint16Array(buffer, offset, length) },
  U8: { bytes: 1, view: (buffer, offset, length) => new Uint8Array(buffer, offset, length) },
  BOOL: { bytes: 1, view: (buffer, offset, length) => new Uint8Array(buffer, offset, length) },
};

/** Arrays are views into `buffer` wherever the alignment allows. */
export function decodeColumns(buffer: ArrayBuffer): Columns {
  const { header, start } = readHeader(buffer);
  const arrays = new Map<string, WireArray>();
  let json: unknown = null;
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') json = metadataJson(entry);
    else arrays.set(name, readArray(buffer, start, name, entry));
  }
  return { json, arrays };
}

function readHeader(buffer: ArrayBuffer): { header: Record<string, unknown>; start: number } {
  if (buffer.byteLength < 8) {
    throw new WireError(`expected a header of 8 bytes or more, got ${buffer.byteLength} bytes`);
  }
  const length = new DataView(buffer).getBigUint64(0, true);
  if (length > BigInt(buffer.byteLength - 8)) {
    throw new WireError(`the header claims ${length} bytes of ${buffer.byteLength - 8}`);
  }
  const start = 8 + Number(length);
  const header = parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8)), 'header');
  if (!isRecord(header)) throw new WireError('the header is not a JSON object');
  return { header, start };
}

function metadataJson(entry: unknown): unknown {
  if (!isRecord(entry) || typeof entry['json'] !== 'string') {
    throw new WireError('__metadata__ has no text under "json"');
  }
  return parse(entry['json'], 'JSON part');
}

function readArray(buffer: ArrayBuffer, start: number, name: string, entry: unknown): WireArray {
  const { dtype, shape, begin, end } = readEntry(name, entry);
  const item = ITEM[dtype];
  if (!item) throw new WireError(`array '${name}' has the item type '${dtype}', which is not known`);
  const length = shape.reduce((product, size) => product * size, 1);
  if (end - begin !== length * item.bytes) {
    throw new WireError(
      `array '${name}' of shape (${shape.join(', ')}) needs ${length * item.bytes} bytes, got ${end - begin}`,
    );
  }
  if (start + end > buffer.byteLength) {
    throw new WireError(`array '${name}' ends ${start + end - buffer.byteLength} bytes past the answer`);
  }
  const offset = start + begin;
  if (offset % item.bytes === 0) return { shape, data: item.view(buffer, offset, length) };
  return { shape, data: item.view(buffer.slice(offset, start + end), 0, length) };
}

interface Entry {
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

function readEntry(name: string, entry: unknown): Entry {
  if (!isRecord(entry)) throw new WireError(`array '${name}' has no description`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string') throw new WireError(`array '${name}' has no dtype`);
  if (!isSizes(shape)) throw new WireError(`array '${name}' has no valid shape`);
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw new WireError(`array '${name}' has no valid data_offsets`);
  }
  const [begin = 0, end = 0] = offsets;
  if (begin > end) throw new WireError(`array '${name}' ends before it begins`);
  return { dtype, shape, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WireError(`the ${what} is not JSON: ${(error as Error).message}`);
  }
}

/** IEEE half precision to single. */
function widen(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] ?? 0;
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) out[i] = sign * fraction * 2 ** -24;
    else if (exponent === 31) out[i] = fraction ? NaN : sign * Infinity;
    else out[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return out;
}

/** The array `name` as one of the wanted types, or a WireError that lists what there is. */
export function pick<T extends WireData>(
  columns: Columns,
  name: string,
  type: abstract new (...args: never[]) => T,
): { shape: readonly number[]; data: T } {
  const array = columns.arrays.get(name);
  if (!array) {
    const known = [...columns.arrays.keys()].join(', ') || 'none';
    throw new WireError(`expected an array '${name}'; the answer's arrays are: ${known}`);
  }
  if (!(array.data instanceof type)) {
    throw new WireError(`array '${name}' is a ${array.data.constructor.name}, expected ${type.name}`);
  }
  return { shape: array.shape, data: array.data };
}
