/** NumPy's file format, version 1.0. */

/** A C-ordered float32 array as the bytes of an .npy file. */
export function npyFile(data: Float32Array, shape: readonly number[]): Blob {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = 64 * Math.ceil((10 + text.length + 1) / 64) - 10;
  const header = new Uint8Array([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  return new Blob([header, `${text.padEnd(length - 1)}\n`, data as Float32Array<ArrayBuffer>], { type: 'application/octet-stream' });
}
