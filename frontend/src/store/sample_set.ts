/** A set of samples that never changes, cheap at a million of them. */

let made = 0;

export class SampleSet {
  static readonly EMPTY = new SampleSet(new Uint8Array(0), 0);
  /** No other set of this page has it: a cheap name for caches. */
  readonly id = made++;
  private sorted: Int32Array | null = null;

  private constructor(
    /** 1 where the sample is in the set; samples beyond its end are not. */
    readonly mask: Uint8Array,
    readonly size: number,
  ) {}

  /** `mask` is 0 or 1 a sample; it is the set's from now on. */
  static fromMask(mask: Uint8Array): SampleSet {
    let size = 0;
    for (let i = 0; i < mask.length; i++) size += mask[i]!;
    return size === 0 ? SampleSet.EMPTY : new SampleSet(mask, size);
  }

  /** Of `count` samples those of `indices`; indices beyond are left out. */
  static of(indices: Iterable<number>, count: number): SampleSet {
    const mask = new Uint8Array(count);
    for (const index of indices) if (index >= 0 && index < count) mask[index] = 1;
    return SampleSet.fromMask(mask);
  }

  has(index: number): boolean {
    return this.mask[index] === 1;
  }

  /** Ascending. */
  indices(): Int32Array {
    if (this.sorted === null) {
      this.sorted = new Int32Array(this.size);
      for (let i = 0, at = 0; i < this.mask.length; i++) if (this.mask[i]) this.sorted[at++] = i;
    }
    return this.sorted;
  }

  plus(other: SampleSet): SampleSet {
    return this.joined(other, (mine, its) => mine | its);
  }

  minus(other: SampleSet): SampleSet {
    return this.joined(other, (mine, its) => mine & (its ^ 1));
  }

  and(other: SampleSet): SampleSet {
    return this.joined(other, (mine, its) => mine & its);
  }

  /** All of `count` samples that are not in it. */
  inverted(count: number): SampleSet {
    const mask = new Uint8Array(count);
    for (let i = 0; i < count; i++) mask[i] = this.mask[i] ? 0 : 1;
    return SampleSet.fromMask(mask);
  }

  private joined(other: SampleSet, join: (mine: number, its: number) => number): SampleSet {
    const mask = new Uint8Array(Math.max(this.mask.length, other.mask.length));
    for (let i = 0; i < mask.length; i++) mask[i] = join(this.mask[i] ?? 0, other.mask[i] ?? 0);
    return SampleSet.fromMask(mask);
  }
}

/** As the server reads it: base64 of bits, sample i being bit `i % 8` of byte `i / 8`. */
export function encodeMembers(set: SampleSet, count: number): string {
  const bytes = new Uint8Array(Math.ceil(count / 8));
  for (const index of set.indices()) if (index < count) bytes[index >> 3]! |= 1 << (index & 7);
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

/** Null where `text` is no base64 of `count` bits. */
export function decodeMembers(text: string, count: number): SampleSet | null {
  let bytes: string;
  try {
    bytes = atob(text);
  } catch {
    return null;
  }
  if (bytes.length !== Math.ceil(count / 8)) return null;
  const mask = new Uint8Array(count);
  for (let i = 0; i < count; i++) mask[i] = (bytes.charCodeAt(i >> 3) >> (i & 7)) & 1;
  return SampleSet.fromMask(mask);
}
