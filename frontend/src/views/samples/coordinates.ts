/** The coordinates of a plot as files: of the samples `index`, or of all. */

/** One line a sample: sample_index,x,y. */
export function coordinatesCsv(xy: Float32Array, index: Int32Array | null = null): string {
  const lines = ['sample_index,x,y'];
  for (const i of index ?? everyone(xy)) lines.push(`${i},${xy[2 * i]!},${xy[2 * i + 1]!}`);
  return `${lines.join('\n')}\n`;
}

function everyone(xy: Float32Array): Int32Array {
  return Int32Array.from({ length: Math.floor(xy.length / 2) }, (_, i) => i);
}

const ROW_BYTES = 12;
const ALIGNMENT = 64;

/** A structured array for numpy.load: fields sample_index int32, x and y float32. */
export function coordinatesNpy(xy: Float32Array, index: Int32Array | null = null): Uint8Array<ArrayBuffer> {
  const members = index ?? everyone(xy);
  const count = members.length;
  const dtype = "[('sample_index', '<i4'), ('x', '<f4'), ('y', '<f4')]";
  const dictionary = `{'descr': ${dtype}, 'fortran_order': False, 'shape': (${count},), }`;
  const unpadded = 10 + dictionary.length + 1;
  const start = Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT;
  const header = dictionary + ' '.repeat(start - unpadded) + '\n';
  const bytes = new Uint8Array(start + count * ROW_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  view.setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  for (let k = 0; k < count; k++) {
    const i = members[k]!;
    const at = start + k * ROW_BYTES;
    view.setInt32(at, i, true);
    view.setFloat32(at + 4, xy[2 * i]!, true);
    view.setFloat32(at + 8, xy[2 * i + 1]!, true);
  }
  return bytes;
}
