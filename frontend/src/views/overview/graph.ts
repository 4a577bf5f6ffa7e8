/** The model as a graph: layers, nested models that open and close, and what feeds what. */

import { type LayerInfo } from '../../schema';

export interface GraphNode {
  /** Path of the layer, or of the nested model. */
  id: string;
  /** Last part of the path. */
  name: string;
  /** The nested model that holds it, "" for none. */
  parent: string;
  /** Null for a nested model. */
  layer: LayerInfo | null;
  /** Number of layers inside: 0 for a layer. */
  inside: number;
  open: boolean;
}

export interface ModelGraph {
  nodes: GraphNode[];
  edges: [from: string, to: string][];
  /** Every nested model, open or not. */
  models: string[];
}

/** Nested models with more layers start closed. */
const LARGE = 40;

function ancestors(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(0, -1).map((_, k) => parts.slice(0, k + 1).join('/'));
}

/** Nested models and how many layers each holds, in the order of computation. */
export function nestedModels(layers: readonly LayerInfo[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path } of layers) {
    for (const model of ancestors(path)) counts.set(model, (counts.get(model) ?? 0) + 1);
  }
  return counts;
}

export function initiallyClosed(layers: readonly LayerInfo[]): Set<string> {
  return new Set([...nestedModels(layers)].filter(([, count]) => count > LARGE).map(([path]) => path));
}

/** The graph with the models in `closed` drawn as one node each. */
export function modelGraph(layers: readonly LayerInfo[], closed: ReadonlySet<string>): ModelGraph {
  const models = nestedModels(layers);
  const shownAs = (path: string): string =>
    [...ancestors(path), path].find((part) => closed.has(part) && models.has(part)) ?? path;
  const nodes = new Map<string, GraphNode>();
  const add = (path: string, layer: LayerInfo | null): void => {
    if (nodes.has(path)) return;
    const parent = ancestors(path).at(-1) ?? '';
    const inside = models.get(path) ?? 0;
    const name = path.slice(parent === '' ? 0 : parent.length + 1);
    nodes.set(path, { id: path, name, parent, layer: inside ? null : layer, inside, open: !closed.has(path) });
  };
  for (const layer of layers) {
    const shown = shownAs(layer.path);
    ancestors(shown).forEach((model) => add(model, null));
    add(shown, layer);
  }
  return { nodes: [...nodes.values()], edges: edgesOf(layers, models, shownAs), models: [...models.keys()] };
}

/** A nested model that is named as an input stands for its last layer. */
function edgesOf(
  layers: readonly LayerInfo[],
  models: ReadonlyMap<string, number>,
  shownAs: (path: string) => string,
): [string, string][] {
  const last = new Map(layers.flatMap(({ path }) => ancestors(path).map((model) => [model, path] as const)));
  const known = new Set(layers.map((layer) => layer.path));
  const edges = new Map<string, [string, string]>();
  for (const layer of layers) {
    if (models.has(layer.path)) continue;
    const to = shownAs(layer.path);
    for (const input of layer.inputs) {
      const source = last.get(input) ?? input;
      const from = shownAs(source);
      if (from === to || !known.has(source)) continue;
      edges.set(JSON.stringify([from, to]), [from, to]);
    }
  }
  return [...edges.values()];
}

/** True where every layer feeds the next one alone: a column beside the table's rows. */
export function isChain(layers: readonly LayerInfo[]): boolean {
  return layers.every((layer, k) => {
    if (layer.path.includes('/')) return false;
    const before = layers[k - 1];
    return before ? layer.inputs.length === 1 && layer.inputs[0] === before.path : layer.inputs.length === 0;
  });
}

export function channelsOf(layer: LayerInfo): number | null {
  return layer.output_shape?.at(-1) ?? null;
}
