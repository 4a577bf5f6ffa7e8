import { type Signal, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Segmented } from '../../elements/segmented';
import { Empty } from '../../elements/states';
import { useSize } from '../../elements/use_size';
import { formatCount, formatShape } from '../../format';
import { type LayerInfo, type Manifest } from '../../schema';
import { ChainColumn } from './chain_column';
import { isChain } from './graph';
import { ModelGraphView } from './model_graph';
import { totals } from './statistics';

/** Below this width the table has no room for its types. */
const NARROW = 460;
/** From here on the graph and the whole table fit side by side. */
const BOTH = 860;
const ROW = 28;

/** The layers as a graph and as a table; what is pointed at in one is marked in the other. */
export function ModelPanel({ manifest }: { manifest: Manifest }): JSX.Element {
  const { layers } = manifest;
  const body = useRef<HTMLDivElement>(null);
  const [width] = useSize(body);
  const marked = useSignal<string | null>(null);
  const part = useSignal<'graph' | 'table'>('graph');
  const chain = useMemo(() => manifest.graph && isChain(layers), [manifest]);
  const { trainable, frozen } = totals(manifest);
  const both = width >= BOTH;
  const graph = manifest.graph && !chain && layers.length > 0;
  return (
    <section class="panel model" aria-label="Model">
      <header class="panel-head">
        <h2>Model</h2>
        {graph && !both && (
          <Segmented
            label="Graph or table"
            value={part.value}
            options={[{ value: 'graph', label: 'Graph' }, { value: 'table', label: 'Table' }]}
            onChange={(value) => (part.value = value)}
          />
        )}
        <span class="grow" />
        <span class="caption ellipsis">{formatCount(trainable)} trainable, {formatCount(frozen)} frozen</span>
      </header>
      {!manifest.graph && layers.length > 0 && (
        <p class="caption model-note">No graph: how the layers of a subclassed model feed each other is decided by its code. Its layers are in the order in which they ran.</p>
      )}
      <div class="model-body" ref={body}>
        {layers.length === 0 && <Empty>The layers are known after the first batch.</Empty>}
        {graph && (both || part.value === 'graph') && <ModelGraphView layers={layers} marked={marked} />}
        {layers.length > 0 && (!graph || both || part.value === 'table') && (
          <LayerTable layers={layers} marked={marked} chain={chain} narrow={width < NARROW} />
        )}
      </div>
    </section>
  );
}

interface LayerTableProps {
  layers: readonly LayerInfo[];
  marked: Signal<string | null>;
  chain: boolean;
  narrow: boolean;
}

function LayerTable({ layers, marked, chain, narrow }: LayerTableProps): JSX.Element {
  const rows = useRef<HTMLTableSectionElement>(null);
  useEffect(() => marked.subscribe((path) => scrollTo(rows.current, layers, path)), [layers]);
  return (
    <div class="layer-table">
      {chain && <ChainColumn layers={layers} row={ROW} width={narrow ? 68 : 132} />}
      <div class="layer-rows">
        <table class={narrow ? 'facts layers narrow' : 'facts layers'}>
          <thead>
            <tr>
              <th scope="col">layer</th>
              <th scope="col" class="type">type</th>
              <th scope="col" class="number">output</th>
              <th scope="col" class="number">{narrow ? 'params' : 'parameters'}</th>
            </tr>
          </thead>
          <tbody ref={rows}>
            {layers.map((layer) => <Row key={layer.path} layer={layer} marked={marked} />)}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Row({ layer, marked }: { layer: LayerInfo; marked: Signal<string | null> }): JSX.Element {
  const cut = layer.path.lastIndexOf('/') + 1;
  const count = layer.trainable + layer.frozen;
  const parameters = `${formatCount(layer.trainable)} trainable, ${formatCount(layer.frozen)} frozen`;
  const shape = formatShape(layer.output_shape);
  return (
    <tr
      class={marked.value === layer.path ? 'marked' : ''}
      onPointerEnter={() => (marked.value = layer.path)}
      onPointerLeave={() => (marked.value = null)}
    >
      <th scope="row" title={`${layer.path}\n${layer.type}${layer.activation ? `, ${layer.activation}` : ''}`}>
        <span class="layer-name">
          <span class="ellipsis muted path"><bdi>{layer.path.slice(0, cut)}</bdi></span>
          <span class="ellipsis own">{layer.path.slice(cut)}</span>
          {layer.embedding && <span class="tag" title="Its output is logged as an embedding">emb</span>}
        </span>
      </th>
      <td class="type muted" title={layer.type}>{layer.type}</td>
      <td class="number mono" title={shape}>{shape}</td>
      <td class="number" title={parameters}>{count ? formatCount(count) : '–'}{layer.frozen > 0 && <span class="muted" title={parameters}> *</span>}</td>
    </tr>
  );
}

/** Brings the row of a layer that the graph marks into sight; rows under the pointer are. */
function scrollTo(rows: HTMLElement | null, layers: readonly LayerInfo[], path: string | null): void {
  const row = rows?.children[layers.findIndex((layer) => layer.path === path)];
  if (path !== null && row && !row.matches(':hover')) row.scrollIntoView({ block: 'nearest' });
}
