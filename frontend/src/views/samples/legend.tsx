import { useComputed, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type Discrete, type LegendEntry } from '../../colouring';
import { Swatch } from '../../elements/swatch';
import { Empty, ErrorStrip } from '../../elements/states';
import { definitionOf, formatCount, formatPercent } from '../../format';
import {
  colourBy,
  colourColumn,
  colouring,
  column,
  focused,
  hiddenClasses,
  pinnedClasses,
  selected,
  shownMask,
} from '../../store';
import { RING_FROM, pointStyle } from '../../draw/points';
import { countWrong } from '../overview/facts';
import { isolated, toggled, wrongPerEntry } from './legend_rows';
import { METHOD_TITLES, methodWords } from '../../store/methods';
import { EpochSelect } from '../shared/epoch_select';
import { MOVEMENTS, movedSince, movingLayout, unmoved } from './movement';
import { Ramp } from './ramp';
import { ShapeLegend } from './shape_legend';
import { drawnAs, left, right, wrongRinged } from './state';

/** More entries than hues: the legend is searched, and classes are pinned to have a hue. */
const MANY = 20;

/** What the colours mean; its rows show and hide. */
export function Legend(): JSX.Element {
  const look = colouring.value;
  const title = colourColumn.value?.title ?? colourBy.value;
  const hidden = hiddenClasses.value.size > 0;
  return (
    <section class="panel legend" aria-label={`Legend: ${title}`}>
      <header class="panel-head">
        <h2 class="ellipsis" title={colourColumn.value ? definitionOf(colourColumn.value) : ''}>{title}</h2>
        <span class="grow" />
        {hidden && (
          <button type="button" class="text-button" onClick={() => (hiddenClasses.value = new Set())}>
            Show all
          </button>
        )}
        {look?.kind === 'discrete' && <span class="caption wide">n · wrong</span>}
      </header>
      {MOVEMENTS.includes(colourBy.value) && <Movement />}
      {look === null && !MOVEMENTS.includes(colourBy.value) && <Empty>{colourColumn.value?.slow ? `Computing ${title} at this epoch…` : `Reading the column ${title}…`}</Empty>}
      {look?.kind === 'discrete' && <Entries look={look} />}
      {look?.kind === 'continuous' && <Ramp look={look} />}
      <Keys />
      <ShapeLegend />
    </section>
  );
}

/** Since when, and in which layout; or why nothing is known. */
function Movement(): JSX.Element {
  const { error, retry } = column(colourBy.value);
  const layout = movingLayout.value;
  const waits = unmoved.value || (colouring.value === null && error.value === null ? 'Comparing the layouts of the two epochs…' : '');
  return (
    <div class="movement">
      <EpochSelect label="Since" title="Movement counts from this epoch on" value={movedSince.value} onChange={(value) => (movedSince.value = value)} />
      {layout && <span class="caption ellipsis" title={methodWords(layout.method)}>{layout.source} · {METHOD_TITLES[layout.method.method]}</span>}
      {waits && <span class="caption">{waits}</span>}
      {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={retry} />}
    </div>
  );
}

function Entries({ look }: { look: Discrete }): JSX.Element {
  const search = useSignal('');
  const wrong = useComputed(() => {
    const now = colouring.value;
    const values = column(colourBy.value).data.value?.values;
    const correct = column('correct').data.value?.values;
    if (now?.kind !== 'discrete' || !values || !correct) return null;
    return wrongPerEntry(now.entries, values, correct, shownMask.value);
  }).value;
  const rows = look.entries.map((entry, k) => ({ entry, wrong: wrong?.[k] ?? 0 }));
  const worst = Math.max(0, ...rows.map(({ entry, wrong: n }) => (entry.count ? n / entry.count : 0)));
  const many = rows.length > MANY;
  const needle = search.value.trim().toLowerCase();
  const found = rows.filter(({ entry }) => entry.label.toLowerCase().includes(needle));
  if (many) found.sort((a, b) => b.wrong - a.wrong || a.entry.value - b.entry.value);
  const all = look.entries.map((entry) => entry.value);
  return (
    <>
      {many && (
        <input
          class="legend-search"
          type="search"
          aria-label="Find in the legend"
          placeholder={`Find among ${formatCount(rows.length)}`}
          value={search.value}
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
      )}
      <ul class="legend-rows">
        {found.map((row) => (
          <Row key={row.entry.value} {...row} worst={worst} all={all} pinnable={many && colourColumn.value?.kind === 'index'} />
        ))}
        {found.length === 0 && <li class="caption nothing">Nothing is called “{search.value}”.</li>}
      </ul>
    </>
  );
}

interface RowProps {
  entry: LegendEntry;
  wrong: number;
  worst: number;
  all: readonly number[];
  pinnable: boolean;
}

function Row({ entry, wrong, worst, all, pinnable }: RowProps): JSX.Element {
  const share = entry.count ? wrong / entry.count : 0;
  const only = (): void => void (hiddenClasses.value = isolated(hiddenClasses.value, entry.value, all));
  const toggle = (): void => void (hiddenClasses.value = toggled(hiddenClasses.value, entry.value));
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !event.shiftKey) return;
    event.preventDefault();
    only();
  };
  const pinned = pinnedClasses.value.has(entry.value);
  const said = `${entry.label}: ${formatCount(entry.count)} samples, ${formatPercent(share)} wrong`;
  return (
    <li class={entry.hidden ? 'legend-row off' : 'legend-row'}>
      <button
        type="button"
        class="legend-toggle"
        aria-pressed={!entry.hidden}
        aria-label={said}
        title={`${said}\nClick: show or hide. Double-click or Shift+Enter: this one alone.`}
        onClick={toggle}
        onDblClick={only}
        onKeyDown={press}
      >
        <Swatch look={entry.swatch} />
        <span class="ellipsis">{entry.label}</span>
        <span class="number muted">{formatCount(entry.count)}</span>
        <span class="wrong-bar wide"><span style={{ width: `${worst ? (100 * share) / worst : 0}%` }} /></span>
      </button>
      {pinnable && entry.value >= 0 && (
        <button
          type="button"
          class="pin"
          aria-pressed={pinned}
          aria-label={`Give ${entry.label} a colour of its own`}
          title={pinned ? 'Take its colour away' : 'Give it a colour of its own'}
          onClick={() => (pinnedClasses.value = toggled(pinnedClasses.value, entry.value))}
        />
      )}
    </li>
  );
}

/** The marks that are not colours, with how many samples carry each. */
function Keys(): JSX.Element {
  const correct = column('correct').data.value?.values;
  const counts = correct ? countWrong(correct, shownMask.value) : null;
  const tiny = counts !== null && [left, right].every(({ shown }) => pointStyle(shown.picture.value?.index?.length ?? counts.known).diameter < RING_FROM);
  return (
    <ul class="legend-keys">
      <li class={wrongRinged.value ? 'legend-row' : 'legend-row off'}>
        <button
          type="button"
          class="legend-toggle"
          aria-pressed={wrongRinged.value}
          title={tiny ? 'Points this small have no rings: zoom in to see them. Click: with or without rings' : 'Click: with or without rings'}
          onClick={() => (wrongRinged.value = !wrongRinged.value)}
        >
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
            {drawnAs.value === 'thumbnails' ? (
              <><path d="M2.500 2.500h11v11h-11z" fill="none" stroke="var(--control)" /><path d="M7.500 2h6.500v6.500z" fill="var(--wrong)" /></>
            ) : (
              <>
                <circle cx="8" cy="8" r="3.5" fill="var(--control)" />
                <path d="M6.500 6.500l3 3M9.500 6.500l-3 3" stroke="var(--surface)" />
                <circle cx="8" cy="8" r="6" fill="none" stroke="var(--wrong)" stroke-width="1.2" />
              </>
            )}
          </svg>
          <span class="ellipsis">{tiny ? 'Wrong: zoom in' : 'Wrong prediction'}</span>
          <span class="number muted">{counts ? formatCount(counts.wrong) : '–'}</span>
        </button>
      </li>
      <li>
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <circle cx="8" cy="8" r="3.4" fill="var(--bar)" stroke="var(--text)" stroke-width="1.3" />
        </svg>
        <span class="ellipsis">Selected</span>
        <span class="number muted">{formatCount(selected.value.size)}</span>
      </li>
      <li>
        <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="var(--text)" stroke-width="1.2" aria-hidden="true">
          <circle cx="8" cy="8" r="3.5" />
          <circle cx="8" cy="8" r="6" />
        </svg>
        <span class="ellipsis">Focused</span>
        <span class="number muted">{focused.value === null ? 0 : 1}</span>
      </li>
    </ul>
  );
}

