import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type LayerEntry, type Layers } from '../../api';
import { formatCount, formatPercent, formatShape } from '../../format';
import { chooseLayer, layer } from '../../store';

export interface LayerListProps {
  shown: Layers;
  /** Whether the shown tab has something of a layer; the others are dimmed. */
  useful(entry: LayerEntry): boolean;
  waiting: boolean;
}

/** The layers in the order of computation, with the share of their channels that is dead. */
export function LayerList({ shown, useful, waiting }: LayerListProps): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const at = shown.layers.findIndex(({ path }) => path === layer.value?.path);
  useEffect(() => list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }), [at]);
  const press = (event: KeyboardEvent): void => {
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: shown.layers.length - 1 }[event.key];
    const next = to === undefined ? undefined : shown.layers[to];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (next) chooseLayer(next.path);
  };
  return (
    <div class={waiting ? 'layer-list waiting' : 'layer-list'} ref={list} role="listbox" tabIndex={0} aria-label="Layers" aria-activedescendant={`layer-${at}`} onKeyDown={press}>
      {shown.layers.map((entry, k) => (
        <div
          key={entry.path}
          id={`layer-${k}`}
          class={useful(entry) ? 'layer' : 'layer bare'}
          role="option"
          aria-selected={k === at}
          title={`${entry.path}: ${entry.type}, ${entry.activation ? `${entry.activation}, ` : ''}output ${formatShape(entry.output_shape)}\n${verdictText(entry)}`}
          onClick={() => chooseLayer(entry.path)}
        >
          <b><LayerName path={entry.path} /></b>
          <span class="caption number">{entry.judged && entry.dead !== null ? `${formatCount(entry.dead)} dead` : ''}</span>
          <span class="caption ellipsis">{entry.type}</span>
          <span class="caption number">{formatShape(entry.output_shape)}</span>
          {entry.judged && <DeadBar entry={entry} />}
        </div>
      ))}
    </div>
  );
}

/** Of a nested layer's path the end tells it from the others: what it is nested in is cut off first. */
function LayerName({ path }: { path: string }): JSX.Element {
  const own = path.lastIndexOf('/') + 1;
  return (
    <>
      {own > 0 && <span class="layer-parent ellipsis">{path.slice(0, own)}</span>}
      <span class="ellipsis">{path.slice(own)}</span>
    </>
  );
}

/** Dead channels filled, almost dead ones hatched. */
function DeadBar({ entry: { dead, almost_dead: almost, n_channels: all } }: { entry: LayerEntry }): JSX.Element {
  const share = (count: number | null): string => `${all ? (100 * (count ?? 0)) / all : 0}%`;
  return (
    <span class="dead-bar">
      <i class="dead" style={{ width: share(dead) }} />
      <i class="hatched" style={{ width: share(almost) }} />
    </span>
  );
}

export function verdictText({ judged, dead, almost_dead: almost, saturated, n_channels: all }: LayerEntry): string {
  const texts = [
    judged && dead !== null && all ? `${formatCount(dead)} of ${formatCount(all)} channels dead (${formatPercent(dead / all)})` : 'dead channels are not judged here',
    almost !== null && almost > 0 ? `${formatCount(almost)} almost dead` : '',
    saturated !== null ? `${formatCount(saturated)} saturated` : '',
  ];
  return texts.filter(Boolean).join(', ');
}
