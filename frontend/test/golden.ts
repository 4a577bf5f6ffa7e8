import { readFileSync } from 'node:fs';

const FOLDER = new URL('../../tests/golden/', import.meta.url);

/** What pytest has checked that the server answers. */
export function goldenBytes(name: string): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = readFileSync(new URL(name, FOLDER));
  return (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength);
}

export function goldenJson<T>(name: string): T {
  return JSON.parse(new TextDecoder().decode(goldenBytes(name))) as T;
}
