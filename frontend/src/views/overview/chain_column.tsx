import { type JSX } from 'preact';
import { type LayerInfo } from '../../schema';
import { channelsOf, modelGraph } from './graph';
import { type Measures, type PlacedNode, layoutGraph } from './graph_layout';

const NODE = 20;
/** Width of the box of one channel. */
const LEAST = 22;
/** Channels of the widest box. */
const WIDEST = 2048;

/** Width of a layer's box in a column of `room`: by the logarithm of its channels. */
export function chainWidth(channels: number | null, room: number): number {
  const share = Math.log(Math.max(1, channels ?? 1)) / Math.log(WIDEST);
  return LEAST + (room - 10 - LEAST) * Math.min(1, share);
}

export interface ChainColumnProps {
  layers: readonly LayerInfo[];
  /** Height of the table's rows, and of its head. */
  row: number;
  width: number;
}

/** A chain of layers as boxes beside the rows of their table; the number is of channels. */
export function ChainColumn({ layers, row, width: room }: ChainColumnProps): JSX.Element {
  const widths = new Map(layers.map((layer) => [layer.path, chainWidth(channelsOf(layer), room)]));
  const measures: Measures = {
    widthOf: (node) => widths.get(node.id) ?? room,
    height: NODE,
    rankGap: row - NODE,
    nodeGap: 0,
    margin: (row - NODE) / 2,
  };
  const { nodes, edges, height, width } = layoutGraph(modelGraph(layers, new Set()), measures);
  const left = (room - width) / 2;
  return (
    <svg class="model-svg chain" width={room} height={height} style={{ marginTop: `${row}px` }} role="img" aria-label={`A chain of ${layers.length} layers`}>
      <g transform={`translate(${left} 0.5)`}>
        {edges.map(({ from, to, points }) => (
          <polyline key={`${from}>${to}`} class="edge" points={points.map((point) => point.join(',')).join(' ')} />
        ))}
        {nodes.map((node) => <Box key={node.id} node={node} />)}
      </g>
    </svg>
  );
}

function Box({ node }: { node: PlacedNode }): JSX.Element {
  const { layer } = node;
  const channels = layer && channelsOf(layer);
  const trains = layer !== null && layer.trainable + layer.frozen > 0;
  return (
    <g>
      <title>{`${node.id}: ${channels ?? '?'} channels`}</title>
      <rect class={trains ? 'node weights' : 'node'} x={node.x} y={node.y} width={node.width} height={node.height} rx={3} />
      <text x={node.x + node.width / 2} y={node.y + 14} text-anchor="middle">{channels ?? '?'}</text>
    </g>
  );
}
