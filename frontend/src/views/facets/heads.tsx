import { type JSX } from 'preact';
import { type Viewport, toScreen } from '../../draw/viewport';
import { formatCount } from '../../format';
import { type Band, type FacetLayout } from './layout';

/** Pixels that a name needs, across and down. */
const LEAST_WIDTH = 30;
const LEAST_HEIGHT = 13;
/** Pixels from which the count has room beside the name. */
const COUNT_FROM = 84;

interface HeadsProps {
  layout: FacetLayout;
  viewport: Viewport;
  /** A press on the head of a column or row, by its place. */
  onChoose(axis: 'column' | 'row', at: number, adding: boolean): void;
}

/** Names and counts of the columns, above whatever part of them is in sight. */
export function ColumnHeads({ layout, viewport, onChoose }: HeadsProps): JSX.Element {
  const places = layout.columns.map((band) => span(band, (at) => toScreen(viewport, at, 0)[0], viewport.width));
  return (
    <div class="facet-heads across" role="group" aria-label="Columns">
      {layout.columns.map((band, k) => {
        const [from, to] = places[k]!;
        if (to - from < LEAST_WIDTH) return null;
        return <Head key={k} band={band} counted={to - from >= COUNT_FROM} style={{ left: `${from}px`, width: `${to - from}px` }} onChoose={(adding) => onChoose('column', k, adding)} />;
      })}
    </div>
  );
}

/** The same of the rows, at their left. */
export function RowHeads({ layout, viewport, onChoose }: HeadsProps): JSX.Element {
  const places = layout.rows.map((band) => span(band, (at) => toScreen(viewport, 0, -at)[1], viewport.height));
  return (
    <div class="facet-heads down" role="group" aria-label="Rows">
      {layout.rows.map((band, k) => {
        const [from, to] = places[k]!;
        if (to - from < LEAST_HEIGHT) return null;
        return <Head key={k} band={band} counted style={{ top: `${from}px`, height: `${to - from}px` }} onChoose={(adding) => onChoose('row', k, adding)} />;
      })}
    </div>
  );
}

interface HeadProps {
  band: Band;
  counted: boolean;
  style: Record<string, string>;
  onChoose(adding: boolean): void;
}

function Head({ band, counted, style, onChoose }: HeadProps): JSX.Element {
  const said = `${band.label || 'all'}: ${formatCount(band.count)} samples`;
  return (
    <button
      type="button"
      class="facet-head"
      style={style}
      title={`${said}. Click selects them, Shift adds them.`}
      aria-label={`Select ${said}`}
      onClick={(event) => onChoose(event.shiftKey)}
    >
      <span class="ellipsis">{band.label || 'all'}</span>{counted && <span class="muted">{formatCount(band.count)}</span>}
    </button>
  );
}

/** The part of a band that is in sight, in pixels; empty where none is. */
export function span(band: Pick<Band, 'start' | 'size'>, place: (at: number) => number, room: number): [number, number] {
  const from = Math.max(0, place(band.start));
  return [from, Math.max(from, Math.min(room, place(band.start + band.size)))];
}
