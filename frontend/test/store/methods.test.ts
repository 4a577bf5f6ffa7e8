import { describe, expect, it } from 'vitest';
import { PULL, bounds, defaultMethod, methodWords, parseMethod, printMethod } from '../../src/store/methods';

describe('a method in the link', () => {
  it('is read back as it was, and short where all is as usual', () => {
    const method = { ...defaultMethod('umap', 60_000), n: 5000, neighbors: 40, metric: 'cosine' as const };
    expect(parseMethod(printMethod(method, 60_000), 60_000)).toEqual(method);
    expect(printMethod(method, 60_000)).toBe('umap n=5000 neighbors=40 metric=cosine');
    expect(printMethod(defaultMethod('tsne', 60_000), 60_000)).toBe('tsne');
    expect(parseMethod('', 60_000).method).toBe('pca');
  });

  it('says that its epochs are aligned, and how strongly they are pulled where that is not as usual', () => {
    const method = { ...defaultMethod('tsne', 500), aligned: true, pull: 0.8 };
    expect(printMethod(method, 500)).toBe('tsne aligned pull=0.8');
    expect(parseMethod(printMethod(method, 500), 500)).toEqual(method);
    expect(printMethod({ ...method, pull: PULL }, 500)).toBe('tsne aligned');
    expect(parseMethod('tsne aligned pull=7', 500).pull).toBe(PULL);
    expect([parseMethod('pca aligned', 500).aligned, parseMethod('tsne', 500).aligned]).toEqual([false, false]);
    expect(methodWords(method)).toBe('t-SNE, perplexity 30, aligned over the epochs, pull 0.8');
  });

  it('keeps what the server is to refuse, and ignores what cannot be read', () => {
    expect(parseMethod('tsne perplexity=5000', 60_000).perplexity).toBe(5000);
    expect(parseMethod('tsne perplexity=x seed=1.5 n=', 60_000)).toEqual(defaultMethod('tsne', 60_000));
    expect(parseMethod('nonsense n=5', 100).method).toBe('pca');
  });
});

describe('the parameters', () => {
  it('fit a run of few samples', () => {
    expect(defaultMethod('tsne', 60_000)).toMatchObject({ n: 2000, perplexity: 30, neighbors: 15 });
    expect(defaultMethod('tsne', 40)).toMatchObject({ n: 40, perplexity: 13, neighbors: 15 });
    expect(defaultMethod('umap', 6)).toMatchObject({ n: 6, neighbors: 5 });
    expect(parseMethod('tsne n=31', 60_000).perplexity).toBe(10);
  });

  it('have the limits that the server has', () => {
    expect(bounds('perplexity', 100, 60_000).max).toBe(33);
    expect(bounds('neighbors', 100, 60_000).max).toBe(99);
    expect(bounds('neighbors', 5000, 60_000).max).toBe(200);
    expect(bounds('n', 100, 60_000)).toMatchObject({ min: 3, max: 60_000 });
  });

  it('are said in words', () => {
    expect(methodWords(defaultMethod('tsne', 60_000))).toBe('t-SNE, perplexity 30');
    expect(methodWords({ ...defaultMethod('umap', 60_000), metric: 'cosine', seed: 3 })).toBe('UMAP, 15 neighbours, distance 0.1, cosine, seed 3');
  });
});
