import { drawOrder, shuffled } from '../../draw/points';

/** In which order a layout's points are drawn, and which they are. */
export class Order {
  /** The samples of the layout, shuffled; what is hidden is among them. */
  shuffle: Uint32Array = new Uint32Array(0);
  /** Those to be drawn. */
  drawn: Uint32Array = new Uint32Array(0);
  /** Samples of the run. */
  count = 0;
  private members: Int32Array | null = null;

  /** For a layout of the samples `index` of `count`; null: all. */
  setMembers(count: number, index: Int32Array | null, flags: Uint8Array): void {
    if (this.count === count && same(this.members, index)) return;
    this.count = count;
    this.members = index;
    const all = shuffled(count, 0);
    if (index === null) this.shuffle = all;
    else {
      const within = new Uint8Array(count);
      for (const i of index) within[i] = 1;
      this.shuffle = all.filter((i) => within[i] === 1);
    }
    this.setFlags(flags);
  }

  setFlags(flags: Uint8Array): void {
    this.drawn = flags.length === this.count ? drawOrder(this.shuffle, flags) : new Uint32Array(0);
  }
}

function same(a: Int32Array | null, b: Int32Array | null): boolean {
  return a === b || (a?.length === b?.length && (a?.every((value, k) => value === b?.[k]) ?? false));
}
