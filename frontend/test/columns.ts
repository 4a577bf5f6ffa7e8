import { type WireData } from '../src/wire';

const TYPES = new Map<unknown, string>([
  [Float32Array, 'F32'],
  [Int32Array, 'I32'],
  [Uint16Array, 'F16'],
  [Uint8Array, 'U8'],
]);

/** A Columns answer, written after docs/http.md and not with our decoder's help. */
export function encodeColumns(json: unknown, arrays: Record<string, WireData>, shapes: Record<string, number[]> = {}): ArrayBuffer {
  const header: Record<string, unknown> = { __metadata__: { json: JSON.stringify(json) } };
  let end = 0;
  for (const [name, data] of Object.entries(arrays)) {
    header[name] = { dtype: TYPES.get(data.constructor), shape: shapes[name] ?? [data.length], data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  return join(header, ...Object.values(arrays).map((data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
}

/** `header` as JSON, padded to 8 bytes, before the raw parts. */
export function join(header: unknown, ...parts: Uint8Array[]): ArrayBuffer {
  const text = JSON.stringify(header);
  const bytes = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const out = new Uint8Array(8 + bytes.length + parts.reduce((sum, part) => sum + part.length, 0));
  new DataView(out.buffer).setBigUint64(0, BigInt(bytes.length), true);
  out.set(bytes, 8);
  let at = 8 + bytes.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out.buffer;
}
