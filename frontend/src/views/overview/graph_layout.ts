import { Graph, layout } from '@dagrejs/dagre';
import { type GraphNode, type ModelGraph } from './graph';

export interface PlacedNode extends GraphNode {
  /** Top left corner and size, in pixels. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedEdge {
  from: string;
  to: string;
  points: [x: number, y: number][];
}

export interface GraphLayout {
  width: number;
  height: number;
  /** Open nested models, the outer ones first. */
  frames: PlacedNode[];
  nodes: PlacedNode[];
  edges: PlacedEdge[];
}

export interface Measures {
  widthOf(node: GraphNode): number;
  height: number;
  /** Between one rank and the next, and between neighbours in a rank. */
  rankGap: number;
  nodeGap: number;
  margin: number;
}

const CHARACTER = 6.2;
const TITLE_HEIGHT = 10;

/** Room for the name, a mark and the number of channels. */
export const BRANCHING: Measures = {
  widthOf: (node) => Math.min(190, Math.max(72, 46 + node.name.length * CHARACTER)),
  height: 24,
  rankGap: 18,
  nodeGap: 14,
  margin: 8,
};

/** Places every node from top to bottom (Sugiyama's layers, by dagre). */
export function layoutGraph(graph: ModelGraph, measures: Measures = BRANCHING): GraphLayout {
  const drawn = new Graph({ compound: true });
  drawn.setGraph({
    rankdir: 'TB',
    ranksep: measures.rankGap,
    nodesep: measures.nodeGap,
    edgesep: 8,
    marginx: measures.margin,
    marginy: measures.margin,
  });
  drawn.setDefaultEdgeLabel(() => ({}));
  const isFrame = (node: GraphNode): boolean => node.inside > 0 && node.open;
  for (const node of graph.nodes) {
    const size = { width: measures.widthOf(node), height: measures.height };
    drawn.setNode(node.id, isFrame(node) ? {} : size);
  }
  for (const node of graph.nodes) if (node.parent !== '') drawn.setParent(node.id, node.parent);
  for (const [from, to] of graph.edges) drawn.setEdge(from, to);
  reserveTitles(drawn, graph, graph.nodes.filter(isFrame));
  layout(drawn);
  const placed = graph.nodes.map((node): PlacedNode => {
    const { x = 0, y = 0, width = 0, height = 0 } = drawn.node(node.id);
    return { ...node, x: x - width / 2, y: y - height / 2, width, height };
  });
  const edges = graph.edges.map(([from, to]): PlacedEdge => {
    const points = drawn.edge(from, to).points ?? [];
    return { from, to, points: points.map(({ x, y }: { x: number; y: number }) => [x, y]) };
  });
  return { ...sizeOf(placed, measures.margin), frames: placed.filter(isFrame), nodes: placed.filter((node) => !isFrame(node)), edges };
}

/**
 * Keeps a rank free for the title of every open model: an invisible node in it that comes after
 * what feeds the model and before the first of its layers.
 */
function reserveTitles(drawn: Graph, graph: ModelGraph, frames: readonly GraphNode[]): void {
  const titleOf = (id: string): string => `${id}/`;
  const within = (id: string, model: string): boolean => id.startsWith(titleOf(model));
  for (const { id, name } of frames) {
    drawn.setNode(titleOf(id), { width: 24 + name.length * CHARACTER, height: TITLE_HEIGHT });
    drawn.setParent(titleOf(id), id);
  }
  for (const { id } of frames) {
    const inner = graph.edges.filter(([from, to]) => within(from, id) && within(to, id));
    for (const [from, to] of graph.edges) {
      if (within(to, id) && !within(from, id)) drawn.setEdge(from, titleOf(id), { weight: 0 });
    }
    for (const node of graph.nodes.filter(({ parent }) => parent === id)) {
      const holds = (end: string): boolean => end === node.id || within(end, node.id);
      if (inner.some(([from, to]) => holds(to) && !holds(from))) continue;
      drawn.setEdge(titleOf(id), frames.includes(node) ? titleOf(node.id) : node.id, { weight: 0 });
    }
  }
}

function sizeOf(placed: readonly PlacedNode[], margin: number): { width: number; height: number } {
  return {
    width: Math.max(0, ...placed.map((node) => node.x + node.width)) + margin,
    height: Math.max(0, ...placed.map((node) => node.y + node.height)) + margin,
  };
}
