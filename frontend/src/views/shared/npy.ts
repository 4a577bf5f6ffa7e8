/** Arrays as files for numpy.load. */

const ALIGNMENT = 64;

/** `descr` and `shape` are written as Python would print them. */
export function npyFile(descr: string, shape: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const dictionary = `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;
  const unpadded = 10 + dictionary.length + 1;
  const start = Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT;
  const header = dictionary + ' '.repeat(start - unpadded) + '\n';
  const bytes = new Uint8Array(start + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(data, start);
  return bytes;
}

/** A C-ordered float32 array. */
export function floatsNpy(data: Float32Array, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  return npyFile("'<f4'", `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}
