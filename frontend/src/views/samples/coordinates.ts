/** The coordinates of a plot as files: of the samples `index`, or of all. */

import { npyFile } from '../shared/npy';

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

/** A structured array for numpy.load: fields sample_index int32, x and y float32. */
export function coordinatesNpy(xy: Float32Array, index: Int32Array | null = null): Uint8Array<ArrayBuffer> {
  const members = index ?? everyone(xy);
  const data = new Uint8Array(members.length * ROW_BYTES);
  const view = new DataView(data.buffer);
  members.forEach((i, k) => {
    view.setInt32(k * ROW_BYTES, i, true);
    view.setFloat32(k * ROW_BYTES + 4, xy[2 * i]!, true);
    view.setFloat32(k * ROW_BYTES + 8, xy[2 * i + 1]!, true);
  });
  const dtype = "[('sample_index', '<i4'), ('x', '<f4'), ('y', '<f4')]";
  return npyFile(dtype, `(${members.length},)`, data);
}
