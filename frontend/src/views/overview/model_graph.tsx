import { type Signal, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { line, curveBasis } from 'd3-shape';
import { IconButton } from '../../elements/button';
import { type LayerInfo } from '../../schema';
import { channelsOf, initiallyClosed, modelGraph } from './graph';
import { type PlacedEdge, type PlacedNode, layoutGraph } from './graph_layout';

const LEAST_ZOOM = 0.2;
/** Names can be read from here on; a wider graph is scrolled. */
const READABLE = 0.8;
const MOST_ZOOM = 2;
const ZOOM_STEP = 1.25;

export interface ModelGraphProps {
  layers: readonly LayerInfo[];
  /** Path of the layer that is pointed at, here or in the table. */
  marked: Signal<string | null>;
}

/** The model's graph: it scrolls, is dragged and zoomed, and nested models open and close. */
export function ModelGraphView({ layers, marked }: ModelGraphProps): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const closed = useSignal<ReadonlySet<string>>(new Set());
  const before = useRef<readonly LayerInfo[] | null>(null);
  if (before.current !== layers) {
    before.current = layers;
    closed.value = initiallyClosed(layers);
  }
  const zoom = useSignal(1);
  const placed = useMemo(() => layoutGraph(modelGraph(layers, closed.value)), [layers, closed.value]);
  const fit = (): void => {
    const room = frame.current?.clientWidth ?? placed.width;
    zoom.value = Math.min(1, Math.max(READABLE, room / placed.width));
  };
  useLayoutEffect(fit, [placed]);
  const toggle = (path: string): void => {
    const next = new Set(closed.value);
    if (!next.delete(path)) next.add(path);
    closed.value = next;
  };
  const zoomBy = (factor: number): void =>
    void (zoom.value = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom.value * factor)));
  const wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY * 0.002));
  };
  const { width, height } = placed;
  return (
    <div class="model-graph">
      <div class="model-scroll" ref={frame} tabIndex={0} role="group" aria-label={`Graph of ${layers.length} layers`} onWheel={wheel} onPointerDown={drag}>
        <svg class="model-svg" width={width * zoom.value} height={height * zoom.value} viewBox={`0 0 ${width} ${height}`}>
          {placed.frames.map((node) => <Frame key={node.id} node={node} onToggle={toggle} />)}
          {placed.edges.map((edge) => <path key={`${edge.from}>${edge.to}`} class={edgeClass(edge, marked.value)} d={curve(edge.points) ?? ''} />)}
          {placed.nodes.map((node) => <Node key={node.id} node={node} marked={marked} onToggle={toggle} />)}
        </svg>
      </div>
      <div class="model-zoom">
        <button type="button" class="button small" aria-label="Zoom out" title="Zoom out (Ctrl + wheel)" onClick={() => zoomBy(1 / ZOOM_STEP)}>−</button>
        <button type="button" class="button small" aria-label="Zoom in" title="Zoom in (Ctrl + wheel)" onClick={() => zoomBy(ZOOM_STEP)}>+</button>
        <IconButton small icon="fit" label="Fit to the width" onClick={fit} />
      </div>
    </div>
  );
}

const curve = line<[number, number]>().curve(curveBasis);

function edgeClass({ from, to }: PlacedEdge, marked: string | null): string {
  return marked !== null && (marked === from || marked === to) ? 'edge marked' : 'edge';
}

interface NodeProps {
  node: PlacedNode;
  onToggle(path: string): void;
}

function opener(node: PlacedNode, onToggle: (path: string) => void): JSX.IntrinsicElements['g'] {
  return {
    role: 'button',
    tabIndex: 0,
    'aria-expanded': node.open,
    'aria-label': `${node.id}, ${node.inside} layers`,
    onClick: () => onToggle(node.id),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      event.stopPropagation();
      onToggle(node.id);
    },
  };
}

/** An open nested model; its title closes it. */
function Frame({ node, onToggle }: NodeProps): JSX.Element {
  return (
    <g>
      <rect class="model-frame" x={node.x} y={node.y} width={node.width} height={node.height} rx={5} />
      <g class="opener" {...opener(node, onToggle)}>
        <text x={node.x + 8} y={node.y + 13}>▾ {node.name}</text>
      </g>
    </g>
  );
}

function Node({ node, marked, onToggle }: NodeProps & { marked: Signal<string | null> }): JSX.Element {
  const { layer } = node;
  if (layer === null) {
    return (
      <g class="opener" {...opener(node, onToggle)}>
        <title>{`${node.id}: ${node.inside} layers; press to open`}</title>
        <rect class="node nested" x={node.x} y={node.y} width={node.width} height={node.height} rx={3} />
        <text x={node.x + 8} y={node.y + 16}>▸ {fitted(node.name, node.width - 46)}</text>
        <text class="count" x={node.x + node.width - 8} y={node.y + 16} text-anchor="end">{node.inside}</text>
      </g>
    );
  }
  const weights = layer.trainable + layer.frozen > 0;
  const kind = ['node', weights && 'weights', marked.value === node.id && 'marked'].filter(Boolean).join(' ');
  return (
    <g onPointerEnter={() => (marked.value = node.id)} onPointerLeave={() => (marked.value = null)}>
      <title>{`${layer.path}: ${layer.type}${layer.activation ? `, ${layer.activation}` : ''}`}</title>
      <rect class={kind} x={node.x} y={node.y} width={node.width} height={node.height} rx={3} />
      <text x={node.x + 8} y={node.y + 16}>{fitted(node.name, node.width - 40)}</text>
      <text class="count" x={node.x + node.width - 8} y={node.y + 16} text-anchor="end">{channelsOf(layer) ?? '?'}</text>
    </g>
  );
}

/** As much of a name as fits, its end kept: names of layers differ there. */
function fitted(name: string, width: number): string {
  const most = Math.max(4, Math.floor(width / 6));
  return name.length <= most ? name : `${name.slice(0, Math.ceil(most / 2) - 1)}…${name.slice(-Math.floor(most / 2))}`;
}

/** Scrolls by dragging the ground; text and nodes keep their own use of the pointer. */
function drag(event: PointerEvent): void {
  const scroll = event.currentTarget as HTMLElement;
  const hit = event.target as Element;
  if (event.button !== 0 || hit.closest('g') !== null || hit === scroll) return;
  const start = { x: event.clientX + scroll.scrollLeft, y: event.clientY + scroll.scrollTop };
  scroll.setPointerCapture(event.pointerId);
  const move = (moved: PointerEvent): void => {
    scroll.scrollLeft = start.x - moved.clientX;
    scroll.scrollTop = start.y - moved.clientY;
  };
  const stop = (): void => {
    scroll.removeEventListener('pointermove', move);
    scroll.removeEventListener('lostpointercapture', stop);
  };
  scroll.addEventListener('pointermove', move);
  scroll.addEventListener('lostpointercapture', stop);
}
