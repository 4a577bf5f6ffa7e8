import { type JSX } from 'preact';
import { type LayerInfo } from '../../schema';
import { channelsOf, modelGraph } from './graph';
import { type Measures, type PlacedNode, layoutGraph } from './graph_layout';

const WIDTH = 132;
const NODE = 20;

/** Width of a layer's box: by the logarithm of its channels. */
export function chainWidth(channels: number | null): number {
  return Math.min(WIDTH - 10, 22 + 9 * Math.log2(Math.max(1, channels ?? 1)));
}

/** A chain of layers as boxes beside the rows of their table; the number is of channels. */
export function ChainColumn({ layers, row }: { layers: readonly LayerInfo[]; row: number }): JSX.Element {
  const widths = new Map(layers.map((layer) => [layer.path, chainWidth(channelsOf(layer))]));
  const measures: Measures = {
    widthOf: (node) => widths.get(node.id) ?? WIDTH,
    height: NODE,
    rankGap: row - NODE,
    nodeGap: 0,
    margin: (row - NODE) / 2,
  };
  const { nodes, edges, height, width } = layoutGraph(modelGraph(layers, new Set()), measures);
  const left = (WIDTH - width) / 2;
  return (
    <svg class="model-svg chain" width={WIDTH} height={height} style={{ marginTop: `${row}px` }} role="img" aria-label={`A chain of ${layers.length} layers`}>
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
