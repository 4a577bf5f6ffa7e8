import { signal } from '@preact/signals';
import { beforeEach, describe, expect, it } from 'vitest';
import { until } from './server';
import { currentLink, link, linkedChoice, parseHash, parseIndex, printHash, startLink } from '../src/store/link';

describe('the hash', () => {
  it('keeps what a run name can hold', () => {
    const run = 'a/b&c=d #e+f%<script>é';
    const hash = printHash('', new Map([['run', run], ['step', '3']]));
    expect(hash.startsWith('#cnnvis&p.cnnvis.run=')).toBe(true);
    expect(parseHash(hash)).toEqual(new Map([['run', run], ['step', '3']]));
  });

  it("replaces our pairs and leaves TensorBoard's alone", () => {
    const hash = '#cnnvis&runFilter=x&p.other.run=1&p.cnnvis.step=1';
    expect(printHash(hash, new Map([['step', '2']]))).toBe('#cnnvis&runFilter=x&p.other.run=1&p.cnnvis.step=2');
  });

  it('passes over what cannot be decoded, has no value or is endless', () => {
    const hash = `#cnnvis&p.cnnvis.run=%E0%A4%A&p.cnnvis.step&p.cnnvis.view=${'x'.repeat(5000)}&p.cnnvis.focus=7`;
    expect(parseHash(hash)).toEqual(new Map([['focus', '7']]));
  });

  it('has indexes that are whole and not negative', () => {
    expect(['0', '12', '-1', '1.5', '1e3', '', ' 1', '99999999999', 'NaN', '0x1'].map(parseIndex))
      .toEqual([0, 12, null, null, null, null, null, null, null, null]);
  });
});

/** A window as far as deep links need one. */
class Address extends EventTarget {
  location = { hash: '', origin: 'http://host', pathname: '/tb/', search: '' };
  history = { state: null, replaceState: (_state: unknown, _title: string, hash: string): void => void (this.location.hash = hash) };

  edit(hash: string): void {
    this.location.hash = hash;
    this.dispatchEvent(new Event('hashchange'));
  }
}

describe('a linked signal', () => {
  const focus = signal<number | null>(null);
  link('focus', focus, (text) => parseIndex(text) ?? undefined, (value) => (value === null ? null : String(value)));
  let parent: Address;

  beforeEach(() => {
    parent = new Address();
    focus.value = null;
    Object.assign(globalThis, { window: { parent, location: { hash: '' } } });
  });

  it('is read from the link, written into it, and read again when it is edited', async () => {
    parent.location.hash = '#cnnvis&p.cnnvis.focus=5';
    const stop = startLink();
    expect(focus.value).toBe(5);
    focus.value = 6;
    await until(() => parent.location.hash === '#cnnvis&p.cnnvis.focus=6');
    parent.edit('#cnnvis&p.cnnvis.focus=7');
    expect(focus.value).toBe(7);
    expect(currentLink()).toBe('http://host/tb/#cnnvis&p.cnnvis.focus=7');
    stop();
  });

  it('that is a choice takes only what there is to choose from', async () => {
    const sort = linkedChoice('sort', ['index', 'mean']);
    parent.location.hash = '#cnnvis&p.cnnvis.sort=mean';
    const stop = startLink();
    expect(sort.value).toBe('mean');
    parent.edit('#cnnvis&p.cnnvis.sort=toString');
    expect(sort.value).toBe('mean');
    sort.value = 'index';
    await until(() => parent.location.hash === '#cnnvis');
    stop();
  });

  it('keeps its value where the link has a hostile one', () => {
    parent.location.hash = '#cnnvis&p.cnnvis.focus=5';
    const stop = startLink();
    parent.edit('#cnnvis&p.cnnvis.focus=javascript:alert(1)');
    expect(focus.value).toBe(5);
    stop();
  });

  it("never touches another tab's link", async () => {
    parent.location.hash = '#scalars&tagFilter=loss';
    const stop = startLink();
    focus.value = 9;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(parent.location.hash).toBe('#scalars&tagFilter=loss');
    stop();
  });

  it('falls back to its own address where the parent is another origin', async () => {
    const own = new Address();
    const frame = Object.assign(own, {});
    Object.defineProperty(frame, 'parent', { get: () => ({ get location(): never { throw new DOMException('', 'SecurityError'); } }) });
    Object.assign(globalThis, { window: frame });
    const stop = startLink();
    focus.value = 3;
    await until(() => own.location.hash === '#cnnvis&p.cnnvis.focus=3');
    stop();
  });
});
