import { useComputed } from '@preact/signals';
import { type ComponentChildren, type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Empty, ErrorStrip } from '../../elements/states';
import { ClassName } from '../../elements/swatch';
import { useSize } from '../../elements/use_size';
import { useVirtualRows } from '../../elements/virtual_rows';
import { formatCount, formatLoss } from '../../format';
import { type Change, type Picked, MOST_FILLED, addToPool, byLoss, classStyles, column, focusSample, focused, payload, picked, picking, positive, selected } from '../../store';
import { SampleThumbnail } from '../shared/sample_thumbnail';
import { className, kindWords } from './change_flow';
import { cellOf } from './change_list';
import { outcomeName } from './operating';

const TILE = 72;
const GAP = 14;
const TILE_HEIGHT = TILE + 16 + 8;

/** The samples of the selected set, those with the highest loss first; `choose` says how one is made. */
export function Images({ choose }: { choose: string }): JSX.Element {
  const set = selected.value;
  const [losses, ...classes] = [column('loss'), column('label'), column('prediction')];
  const sorted = useComputed(() => byLoss(selected.value.indices(), column('loss').data.value?.values ?? null));
  const failed = [losses, ...classes].find(({ error }) => error.value !== null);
  classes.forEach(({ data }) => void data.value); // read before the first pick
  return (
    <section class="panel images" aria-label="Images of the selection">
      <header class="panel-head">
        <h2>{set.size > 0 || (picked.value && !picking.value) ? formatCount(set.size) : ''} {set.size === 1 ? 'image' : 'images'}</h2>
        <Title what={picked.value} />
        {(picked.value?.cells.length || picked.value?.changes.length || 0) > 0 && set.size > MOST_FILLED && (
          <span class="caption ellipsis">the {MOST_FILLED} hardest are in the pool</span>
        )}
        <span class="grow" />
        {set.size > 0 && (
          <button type="button" class="button small" onClick={() => addToPool(sorted.peek())}>
            Add to pool
          </button>
        )}
      </header>
      {failed?.error.value && <ErrorStrip what={failed.error.value.message} hint={failed.error.value.hint} onRetry={failed.retry} />}
      {set.size === 0 && !failed && <Empty>{picking.value ? 'Looking them up…' : picked.value ? 'No sample of the shown splits is in it at this epoch.' : `${choose}: its images show here, the highest loss first.`}</Empty>}
      {set.size > 0 && <Tiles indices={sorted.value} losses={losses.data.value?.values ?? null} waiting={losses.loading.value} />}
    </section>
  );
}

function Title({ what }: { what: Picked | null }): JSX.Element | null {
  if (!what) return selected.value.size ? <span class="muted ellipsis">selected</span> : null;
  const { cells, outcomes, slices, changes } = what;
  const others = cells.length + outcomes.length + slices.length + what.before.size;
  if (changes.length > 0 && others === 0) return <ChangeTitle changes={changes} />;
  const only = cells.length + outcomes.length + slices.length === 1 && what.before.size === 0 && changes.length === 0;
  const [cell, outcome, slice] = [cells[0], outcomes[0], slices[0]];
  if (!only) return <span class="muted ellipsis">of several choices</span>;
  if (slice) return <span class="ellipsis">{(JSON.parse(slice) as string[]).join(' · ')}</span>;
  if (outcome) {
    const names = payload.value?.manifest.class_names ?? [];
    const right = outcome.positive === outcome.taken;
    return <span class={`ellipsis ${right ? '' : 'wrong'}`}>{outcomeName(outcome)}s of {names[positive.value]}</span>;
  }
  return cell ? <CellTitle label={cell.label} prediction={cell.prediction} /> : null;
}

function CellTitle({ label, prediction }: { label: number | null; prediction: number | null }): JSX.Element {
  const wrong = label !== null && prediction !== null && label !== prediction;
  return (
    <span class="cell-title">
      <Named index={label}>any label</Named>
      <span class="muted">→</span>
      <span class={wrong ? 'wrong ellipsis' : 'ellipsis'}><Named index={prediction}>any prediction</Named></span>
    </span>
  );
}

/** A cell's comings and goings, a flow, or one kind of them. */
function ChangeTitle({ changes }: { changes: readonly Change[] }): JSX.Element {
  const cell = cellOf(changes);
  if (cell) {
    return <span class="cell-title" title="Came into the cell, or left it"><span class="muted">⇄</span><CellTitle {...cell} /></span>;
  }
  const [only] = changes;
  if (changes.length > 1 || !only) return <span class="muted ellipsis">of several choices</span>;
  const { label, before, after, kind } = only;
  if (before === null && after === null) return <span class="muted ellipsis">{kind ? kindWords(kind) : 'that changed'}{label !== null && ` of ${className(label)}`}</span>;
  const whose = label !== null && label !== before && label !== after ? `${className(label)}: ` : '';
  return (
    <span class="cell-title" title={`${whose}${before === null ? 'anything' : className(before)} → ${after === null ? 'anything' : className(after)}`}>
      {whose && <Named index={label}>{''}</Named>}{whose && <span class="muted">:</span>}
      <Named index={before}>anything</Named>
      <span class="muted">→</span>
      <Named index={after}>anything</Named>
    </span>
  );
}

function Named({ index, children }: { index: number | null; children: ComponentChildren }): JSX.Element {
  if (index === null) return <span class="muted ellipsis">{children}</span>;
  return <ClassName look={classStyles.value[index]} name={payload.value?.manifest.class_names[index] ?? 'no prediction'} />;
}

interface TilesProps {
  indices: Int32Array;
  losses: ArrayLike<number> | null;
  waiting: boolean;
}

function Tiles({ indices, losses, waiting }: TilesProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const [width] = useSize(scroller);
  const across = Math.max(1, Math.floor((width + GAP) / (TILE + GAP)));
  const rows = useVirtualRows(scroller, Math.ceil(indices.length / across), TILE_HEIGHT, 0);
  const first = indices[0];
  useEffect(() => scroller.current?.scrollTo(0, 0), [first, indices.length]);
  const at = focused.value === null ? -1 : indices.indexOf(focused.value);
  const key = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
    const from = Number((event.target as HTMLElement).dataset['at'] ?? at);
    const next = by === undefined ? undefined : indices[from + by];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (next === undefined) return;
    focusSample(next);
    rows.scrollTo(Math.floor((from + by) / across));
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-at="${from + by}"]`)?.focus());
  };
  return (
    <div class={waiting ? 'image-tiles waiting' : 'image-tiles'} ref={scroller} onKeyDown={key}>
      <div style={{ height: `${rows.totalHeight}px` }}>
        {rows.items.flatMap(({ index: row }) =>
          Array.from(indices.subarray(row * across, (row + 1) * across), (index, k) => {
            const place = row * across + k;
            return (
              <button
                key={index}
                type="button"
                class={index === focused.value ? 'image-tile focused' : 'image-tile'}
                data-at={place}
                tabIndex={place === Math.max(0, at) ? 0 : -1}
                aria-pressed={index === focused.value}
                aria-label={`Sample ${index}, loss ${formatLoss(losses?.[index] ?? NaN)}`}
                style={{ transform: `translate(${k * (TILE + GAP)}px, ${row * TILE_HEIGHT}px)` }}
                onClick={() => focusSample(index)}
              >
                <SampleThumbnail index={index} size={TILE} />
                <span class="image-text"><span>#{index}</span> <span class="muted">{losses ? formatLoss(losses[index] ?? NaN) : ''}</span></span>
              </button>
            );
          }),
        )}
      </div>
    </div>
  );
}
