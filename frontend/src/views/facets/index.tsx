import { useSignal, useSignalEffect } from '@preact/signals';
import { type JSX } from 'preact';
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Viewport } from '../../draw/viewport';
import { IconButton } from '../../elements/button';
import { HoverCard } from '../../elements/hover_card';
import { connectGestures } from '../../elements/scatter/gestures';
import { Select } from '../../elements/select';
import { Empty, ErrorStrip } from '../../elements/states';
import { formatCount } from '../../format';
import { useKey } from '../../frame/keys';
import {
  SampleSet,
  colourBy,
  colourColumn,
  colouring,
  column,
  focusSample,
  focused,
  hovered,
  pageVisible,
  payload,
  selected,
} from '../../store';
import { atlasFor, atlasLevels } from '../../store/atlas_pages';
import { HoveredSample } from '../samples/hovered_sample';
import { colours, ink, marks } from '../samples/state';
import { download } from '../shared/download';
import { Menu } from '../shared/menu';
import { cellsCsv } from './cells_csv';
import { ColumnHeads, RowHeads } from './heads';
import { LegendStrip } from './legend_strip';
import { FacetPlot } from './plot';
import {
  type Choice, NONE, byColumn, byRow, byText, columnField, facetLayout, fieldColumns, rowField, textOf, viewAspect,
} from './state';
import './facets.css';

/** All images at once, in cells of two fields. */
export function Facets(): JSX.Element {
  const [plot, setPlot] = useState<FacetPlot | null>(null);
  const fit = useCallback((): void => plot?.fit(), [plot]);
  useKey('f', 'Fit all images', fit);
  return (
    <>
      <header class="view-head">
        <h1>Facets</h1>
        <span class="caption ellipsis">{summary()}</span>
        <span class="grow" />
        <FieldSelect label="Across" choice={byColumn} />
        <FieldSelect label="Down" choice={byRow} />
        <FieldSelect label="Text" choice={byText} />
        <IconButton icon="fit" label="Fit all images (f)" onClick={fit} />
        <Menu label="Export" icon="more" items={exports(plot)} />
      </header>
      <LegendStrip />
      <Images onPlot={setPlot} plot={plot} />
    </>
  );
}

function summary(): string {
  const layout = facetLayout.value;
  if (!layout) return '';
  const all = payload.value?.manifest.n_samples ?? 0;
  const shown = layout.order.length;
  const images = shown === all ? formatCount(all) : `${formatCount(shown)} of ${formatCount(all)}`;
  return `${images} images, coloured by ${colourColumn.value?.title ?? colourBy.value}`;
}

function FieldSelect({ label, choice }: { label: string; choice: Choice }): JSX.Element {
  const fields = fieldColumns.value.map(({ name, title }) => ({ value: name, label: title }));
  return (
    <Select small caption class="facet-field" label={label} value={choice.name.value} options={[{ value: NONE, label: 'none' }, ...fields]} onChange={choice.choose} />
  );
}

function exports(plot: FacetPlot | null): { label: string; disabled: boolean; run(): void }[] {
  const layout = facetLayout.value;
  const name = `facets-${byColumn.name.value}-${byRow.name.value}`;
  const picture = async (): Promise<void> => {
    const blob = await plot?.toPng();
    if (blob) download(blob, `${name}.png`);
  };
  return [
    { label: 'Picture (PNG)', disabled: !plot || !layout, run: () => void picture() },
    {
      label: 'Counts of the cells (CSV)',
      disabled: !layout,
      run: () => layout && download(new Blob([cellsCsv(layout, columnField.value?.title ?? '', rowField.value?.title ?? '')], { type: 'text/csv' }), `${name}.csv`),
    },
  ];
}

interface ImagesProps {
  plot: FacetPlot | null;
  onPlot(plot: FacetPlot | null): void;
}

function Images({ plot, onPlot }: ImagesProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const viewport = useSignal<Viewport | null>(null);
  const under = useSignal<number | null>(null);
  const kept = useRef<FacetPlot | null>(null);
  const shape = payload.value?.atlas;
  useLayoutEffect(() => {
    const element = host.current;
    if (!element || !shape) return undefined;
    const made = new FacetPlot(element, { sources: atlasFor }, shape.cell_width / shape.cell_height, (now) => (viewport.value = now));
    kept.current = made;
    onPlot(made);
    const hover = (index: number | null): void => void ((under.value = index), (hovered.value = index));
    const disconnect = connectGestures(element, made, { hover, focus: focusSample });
    const measure = (): void => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width > 0 && height > 0) viewAspect.value = width / height;
      made.resize(width, height, Math.min(3, devicePixelRatio || 1));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => {
      observer.disconnect();
      disconnect();
      hover(null);
      onPlot(null);
      kept.current = null;
      made.destroy();
    };
  }, [shape]);
  useSignalEffect(() => {
    const layout = facetLayout.value;
    if (layout) kept.current?.setLayout(layout);
  });
  useSignalEffect(() => {
    const [palette, flagged] = [colours.value, marks.value];
    if (palette && flagged) kept.current?.setLook({ colours: palette, ...flagged, ink: ink.value });
  });
  useSignalEffect(() => kept.current?.setText(textOf.value));
  useSignalEffect(() => kept.current?.setMarked(focused.value, hovered.value));
  useSignalEffect(() => kept.current?.setActive(pageVisible.value));
  useSignalEffect(() => {
    for (const level of atlasLevels.value) void level.arrived.value;
    kept.current?.redraw();
  });
  const layout = facetLayout.value;
  const look = viewport.value;
  const at = plot && under.value !== null ? plot.screenOf(under.value) : null;
  return (
    <div class="view-body facets">
      <Problems />
      {layout && look && <ColumnHeads layout={layout} viewport={look} onChoose={choose} />}
      {layout && look && <RowHeads layout={layout} viewport={look} onChoose={choose} />}
      <div class="facet-images" ref={host} tabIndex={0} role="img" aria-label={`Images by ${byColumn.name.value} and ${byRow.name.value}. Arrow keys pan, plus and minus zoom, f fits.`}>
        {at && under.value !== null && look && (
          <HoverCard x={at[0]} y={at[1]} width={look.width} height={look.height}>
            <HoveredSample index={under.value} />
          </HoverCard>
        )}
        {!layout && <Empty>Reading the fields…</Empty>}
        {layout && layout.order.length === 0 && <Empty>No sample is shown: all are hidden by the legend or the split.</Empty>}
      </div>
    </div>
  );
}

function Problems(): JSX.Element | null {
  const names = [...new Set([byColumn.name.value, byRow.name.value, byText.name.value, colourBy.value])];
  const failed = names.filter((name) => name !== NONE).map(column).find(({ error }) => error.value !== null);
  const error = failed?.error.value;
  return failed && error ? <ErrorStrip what={error.message} hint={error.hint} onRetry={failed.retry} /> : null;
}

/** The samples of a column or row become the selected set. */
function choose(axis: 'column' | 'row', at: number, adding: boolean): void {
  const field = axis === 'column' ? columnField.value : rowField.value;
  const layout = facetLayout.value;
  const shown = colouring.value?.visible;
  const band = (axis === 'column' ? layout?.columns : layout?.rows)?.[at];
  if (!field || !shown || !band) return;
  const code = field.labels.indexOf(band.label);
  const set = SampleSet.fromMask(shown.map((visible, i) => (visible && field.codes[i] === code ? 1 : 0)));
  selected.value = adding ? selected.value.plus(set) : set;
}
