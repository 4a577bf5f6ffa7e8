import { signal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { HoverCard } from '../../elements/hover_card';
import { Select } from '../../elements/select';
import { ErrorStrip } from '../../elements/states';
import { useSize } from '../../elements/use_size';
import { formatCount, formatValue } from '../../format';
import { INPUTS, payload, similarNeighbors, similarVectors, theme } from '../../store';
import { Menu } from '../shared/menu';
import { type WaveformInk, drawWaveform, unitAt, xOf } from './draw_waveform';
import { sampleName, saveWaveformCsv, saveWaveformPng } from './exports';
import { type Smoothing } from './savgol';
import { type Waveforms, fittingSmoothing, pixelName, waveforms } from './waveforms';

const WINDOWS = [5, 7, 11, 15, 21, 31, 51, 101];
const ORDERS = [1, 2, 3, 4];

const smoothing = signal<Smoothing>({ window: 11, order: 3 });
const smoothed = signal(false);

/** The vectors of the query and its neighbours over the units, and where they differ most. */
export function Waveform(): JSX.Element {
  const { data, loading, error, retry } = similarVectors;
  const vectors = data.value;
  const fitting = vectors ? fittingSmoothing(smoothing.value, vectors.nFeatures) : null;
  const used = smoothed.value ? fitting : null;
  const shown = useMemo(() => (vectors ? waveforms(vectors, used) : null), [vectors, used?.window, used?.order]);
  const [cursor, setCursor] = useState<number | null>(null);
  const count = vectors ? vectors.indices.length - 1 : 0;
  const waiting = loading.value || similarNeighbors.loading.value;
  return (
    <section class="panel waveform" aria-label="Waveform">
      <header class="panel-head">
        <h2>Waveform</h2>
        <span class="caption ellipsis grow" title={vectors?.note}>
          {vectors && `${vectors.source}, ${formatCount(vectors.nFeatures)} ${vectors.source === INPUTS ? 'values' : 'units'}${vectors.note ? ` (${vectors.note})` : ''}`}
        </span>
        <Key count={count} query={vectors?.indices[0]} />
        <SmoothingControls possible={fitting !== null} used={used} />
        <Menu
          small
          icon="save"
          label="Save the waveform"
          items={[
            { label: 'Picture, PNG', disabled: !shown, run: () => shown && vectors && saveWaveformPng(shown, vectors, inkOf(document.querySelector('.waveform')!)) },
            { label: 'Vectors, CSV', disabled: !vectors, run: () => vectors && saveWaveformCsv(vectors) },
          ]}
        />
      </header>
      {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={retry} />}
      <div class={waiting ? 'waveform-body waiting' : 'waveform-body'} aria-busy={waiting}>
        {shown && <Plot shown={shown} cursor={cursor !== null && cursor < shown.units ? cursor : null} onCursor={setCursor} />}
      </div>
      <Foot shown={shown} smoothed={used} failed={(error.value ?? similarNeighbors.error.value) !== null} onCursor={setCursor} />
    </section>
  );
}

function Key({ count, query }: { count: number; query: number | undefined }): JSX.Element | null {
  if (query === undefined) return null;
  const line = (borderTop: string): JSX.Element => <span class="key-line" style={{ borderTop }} />;
  return (
    <span class="waveform-key caption">
      {line('2px solid var(--text)')}{sampleName(query)}
      {line('1px solid var(--text-3)')}{count === 1 ? 'neighbour' : `${count} neighbours`}
      {line('1px dashed var(--text-2)')}mean
    </span>
  );
}

function SmoothingControls({ possible, used }: { possible: boolean; used: Smoothing | null }): JSX.Element {
  const { window, order } = smoothing.value;
  const text = (value: number): { value: string; label: string } => ({ value: String(value), label: String(value) });
  return (
    <>
      <label class="check" title={possible ? 'Savitzky-Golay: a polynomial fitted within a moving window' : 'There are too few units for this window and order'}>
        <input type="checkbox" checked={smoothed.value && possible} disabled={!possible} onChange={() => (smoothed.value = !smoothed.value)} />
        Smooth
      </label>
      {used && (
        <>
          <Select small caption label="Window" title={`Units in the window${used.window < window ? `: all that there are, ${used.window}` : ''}`} value={String(window)} options={WINDOWS.filter((value) => value > order).map(text)} onChange={(value) => (smoothing.value = { window: Number(value), order })} />
          <Select small caption label="Order" title="Degree of the polynomial" value={String(order)} options={ORDERS.filter((value) => value < window).map(text)} onChange={(value) => (smoothing.value = { window, order: Number(value) })} />
        </>
      )}
    </>
  );
}

interface PlotProps {
  shown: Waveforms;
  cursor: number | null;
  onCursor(unit: number | null): void;
}

function Plot({ shown, cursor, onCursor }: PlotProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, height] = useSize(box);
  const ratio = devicePixelRatio || 1;
  const look = theme.value;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context && width > 0 && height > 0) drawWaveform(context, shown, { width, height, ratio }, inkOf(canvas.current!));
  }, [shown, width, height, ratio, look]);
  const key = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const end = { Home: 0, End: shown.units - 1 }[event.key];
    if (by === undefined && end === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onCursor(end ?? Math.min(shown.units - 1, Math.max(0, (cursor ?? (by === 1 ? -1 : shown.units)) + by!)));
  };
  return (
    <div
      class="waveform-plot"
      ref={box}
      role="slider"
      tabIndex={0}
      aria-label="Unit of the waveform"
      aria-valuemin={0}
      aria-valuemax={shown.units - 1}
      aria-valuenow={cursor ?? 0}
      aria-valuetext={cursor === null ? 'none' : unitText(shown, cursor)}
      onKeyDown={key}
      onPointerMove={(event) => onCursor(unitAt(event.clientX - event.currentTarget.getBoundingClientRect().left, shown.units, width))}
      onPointerLeave={() => onCursor(null)}
      onBlur={() => onCursor(null)}
    >
      <canvas ref={canvas} width={Math.round(width * ratio)} height={Math.round(height * ratio)} style={{ width: `${width}px`, height: `${height}px` }} />
      {cursor !== null && <span class="waveform-cursor" style={{ left: `${xOf(cursor, shown.units, width)}px` }} />}
      {cursor !== null && (
        <HoverCard x={xOf(cursor, shown.units, width)} y={8} width={width} height={height}>
          <UnitCard shown={shown} unit={cursor} />
        </HoverCard>
      )}
    </div>
  );
}

function UnitCard({ shown, unit }: { shown: Waveforms; unit: number }): JSX.Element {
  const { query, mean, low, high } = shown;
  return (
    <>
      <b class="unit-name">{unitName(shown, unit)}</b>
      <span class="muted">query</span><span class="number">{formatValue(query[unit]!)}</span>
      <span class="muted">neighbours</span><span class="number">{formatValue(mean[unit]!)}</span>
      <span class="muted">from, to</span><span class="number">{formatValue(low[unit]!)}, {formatValue(high[unit]!)}</span>
      <span class="muted">difference</span><span class="number">{formatValue(query[unit]! - mean[unit]!)}</span>
    </>
  );
}

/** A unit by its number; a value of the inputs by its pixel, where they are compared as they are. */
function unitName({ units }: Waveforms, unit: number): string {
  const shape = payload.value?.manifest.input.shape;
  return (similarVectors.data.value?.source === INPUTS && shape && pixelName(unit, units, shape)) || `unit ${unit}`;
}

function unitText(shown: Waveforms, unit: number): string {
  const { query, mean } = shown;
  return `${unitName(shown, unit)}: query ${formatValue(query[unit]!)}, mean of the neighbours ${formatValue(mean[unit]!)}`;
}

interface FootProps {
  shown: Waveforms | null;
  smoothed: Smoothing | null;
  failed: boolean;
  onCursor(unit: number | null): void;
}

function Foot({ shown, smoothed: used, failed, onCursor }: FootProps): JSX.Element {
  if (!shown) return <footer class="panel-foot">{failed ? 'No vectors' : 'Reading the vectors…'}</footer>;
  const lost = shown.query.reduce((sum, value) => sum + Number(!Number.isFinite(value)), 0);
  return (
    <footer class="panel-foot">
      <span title="The largest absolute difference between the query and the mean of its neighbours, before smoothing">
        <span class="tick-mark" aria-hidden="true">▼</span> {shown.marked.length > 0 ? 'Differ most from the neighbours’ mean:' : 'No unit differs from the neighbours’ mean'}
      </span>
      {shown.marked.map((unit) => (
        <button key={unit} type="button" class="unit-button" title={unitText(shown, unit)} aria-label={unitText(shown, unit)} onPointerEnter={() => onCursor(unit)} onPointerLeave={() => onCursor(null)} onFocus={() => onCursor(unit)} onBlur={() => onCursor(null)}>
          {unit}
        </button>
      ))}
      <span class="grow" />
      {used && <span title="Only the lines are smoothed: the values named and saved are as they were recorded">Lines smoothed</span>}
      {lost > 0 && <span class="warning">{formatCount(lost)} of the query not finite</span>}
    </footer>
  );
}

/** The page's inks where `element` stands. */
export function inkOf(element: Element): WaveformInk {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: token('ground'),
    text: token('text'),
    muted: token('text-3'),
    border: token('border'),
    accent: token('accent'),
    font: `11px ${style.fontFamily}`,
  };
}
