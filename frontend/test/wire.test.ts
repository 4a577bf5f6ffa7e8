import { describe, expect, it } from 'vitest';
import { WireError, decodeColumns, pick } from '../src/wire';
import { encodeColumns, join } from './columns';
import { goldenBytes } from './golden';

const bytes = (length: number): Uint8Array => new Uint8Array(length);
const entry = (dtype: string, shape: unknown, offsets: unknown): object => ({ dtype, shape, data_offsets: offsets });

describe('a Columns answer', () => {
  it('gives arrays with their shapes and the JSON part', () => {
    const answer = decodeColumns(
      encodeColumns({ total: 2 }, { loss: Float32Array.of(1.5, NaN), label: Int32Array.of(-1, 3), input: Uint8Array.of(7, 8, 9, 10) }, { input: [2, 2, 1] }),
    );
    expect(answer.json).toEqual({ total: 2 });
    expect(pick(answer, 'loss', Float32Array).data).toEqual(Float32Array.of(1.5, NaN));
    expect(pick(answer, 'label', Int32Array).data).toEqual(Int32Array.of(-1, 3));
    expect(pick(answer, 'input', Uint8Array).shape).toEqual([2, 2, 1]);
  });

  it('widens half precision: subnormal, negative, infinite and NaN', () => {
    const halves = Uint16Array.of(0x3c00, 0xc100, 0x0001, 0x7c00, 0xfc00, 0x7e00, 0x8000);
    const { data } = pick(decodeColumns(encodeColumns(null, { h: halves })), 'h', Float32Array);
    expect(Array.from(data)).toEqual([1, -2.5, 2 ** -24, Infinity, -Infinity, NaN, -0]);
  });

  it('may hold arrays that are not aligned, and empty ones', () => {
    const header = { __metadata__: { json: 'null' }, a: entry('U8', [1], [0, 1]), b: entry('F32', [1], [1, 5]), c: entry('I32', [0, 2], [5, 5]) };
    const raw = bytes(5);
    new DataView(raw.buffer).setFloat32(1, 0.25, true);
    const answer = decodeColumns(join(header, raw));
    expect(pick(answer, 'b', Float32Array).data).toEqual(Float32Array.of(0.25));
    expect(pick(answer, 'c', Int32Array).data).toHaveLength(0);
  });

  it("is read as the server wrote it", () => {
    const answer = decodeColumns(goldenBytes('columns.bin'));
    expect([...answer.arrays.keys()].sort()).toEqual(['camera', 'correct', 'label', 'loss', 'sample_index']);
    expect(pick(answer, 'sample_index', Int32Array).data).toEqual(Int32Array.of(0, 1, 2, 3, 4, 5));
    expect(pick(answer, 'label', Int32Array).data).toEqual(Int32Array.of(0, 1, 2, 0, 1, 2));
    expect(pick(answer, 'correct', Uint8Array).data).toHaveLength(6);
    expect(Array.from(pick(answer, 'loss', Float32Array).data).every((loss) => loss > 0)).toBe(true);
  });
});

describe('a malformed answer is an error that says how', () => {
  const huge = new Uint8Array(16);
  new DataView(huge.buffer).setBigUint64(0, 2n ** 63n, true);
  const cases: [string, ArrayBuffer, RegExp][] = [
    ['nothing', new ArrayBuffer(0), /8 bytes or more, got 0/],
    ['a header longer than the answer', huge.buffer, /claims 9223372036854775808 bytes of 8/],
    ['a header that is not JSON', new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 123]).buffer, /header is not JSON/],
    ['a header that is a list', join([]), /not a JSON object/],
    ['a JSON part that is not JSON', join({ __metadata__: { json: '{' } }), /JSON part is not JSON/],
    ['no JSON part', join({ __metadata__: {} }), /no text under "json"/],
    ['an array without a description', join({ a: null }), /'a' has no description/],
    ['an unknown item type', join({ a: entry('C64', [1], [0, 8]) }, bytes(8)), /'C64', which is not known/],
    ['a negative size', join({ a: entry('U8', [-1], [0, 0]) }), /no valid shape/],
    ['a fractional size', join({ a: entry('U8', [0.5], [0, 0]) }), /no valid shape/],
    ['one offset', join({ a: entry('U8', [1], [0]) }, bytes(1)), /no valid data_offsets/],
    ['an end before its beginning', join({ a: entry('U8', [1], [1, 0]) }, bytes(1)), /ends before it begins/],
    ['fewer bytes than the shape needs', join({ a: entry('F32', [2], [0, 4]) }, bytes(4)), /\(2\) needs 8 bytes, got 4/],
    ['an array past the end', join({ a: entry('F32', [2], [0, 8]) }, bytes(4)), /ends 4 bytes past/],
  ];
  it.each(cases)('%s', (_name, buffer, message) => {
    expect(() => decodeColumns(buffer)).toThrow(WireError);
    expect(() => decodeColumns(buffer)).toThrow(message);
  });

  it('a missing array, naming those that are there', () => {
    const answer = decodeColumns(encodeColumns(null, { loss: Float32Array.of(1) }));
    expect(() => pick(answer, 'xy', Float32Array)).toThrow("expected an array 'xy'; the answer's arrays are: loss");
    expect(() => pick(answer, 'loss', Int32Array)).toThrow("array 'loss' is a Float32Array, expected Int32Array");
  });
});
