import { useSignalEffect } from '@preact/signals';
import { type JSX } from 'preact';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { IconButton } from '../../elements/button';
import { type Tool } from '../../elements/scatter/gestures';
import { type ScatterPlot } from '../../elements/scatter/plot';
import { Segmented } from '../../elements/segmented';
import { useSize } from '../../elements/use_size';
import { formatCount } from '../../format';
import { useKey } from '../../frame/keys';
import { colourBy, column, hiddenClasses, payload, steps } from '../../store';
import { Legend } from './legend';
import { PlotPanel } from './plot_panel';
import { LEAST_ROWS, RowsPanel } from './rows_panel';
import { Splitter } from '../../elements/splitter';
import { trailsShown } from './trails';
import { drawnAs, left, pickTool, plotsHeight, right, tool } from './state';
import './samples.css';

const GAP = 12;
const LEAST_PLOTS = 180;
/** Head, foot and borders of a plot around its square. */
const AROUND_PLOT = 32 + 28 + 2;

/** Two projections of the same samples, what their colours mean, and the samples as a table. */
export function Samples(): JSX.Element {
  const plots = useRef(new Map<string, ScatterPlot>());
  const keep = (name: string) => (plot: ScatterPlot | null): void => {
    if (plot) plots.current.set(name, plot);
    else plots.current.delete(name);
  };
  const fit = useCallback((): void => plots.current.forEach((plot) => plot.fit()), []);
  useKey('f', 'Fit both plots', fit);
  useKey('l', 'Lasso', lasso);
  useKey('b', 'Box', box);
  useKey('t', 'Trails over the epochs', toggleTrails);
  useEffect(() => forgetHidden(), []);
  useSignalEffect(keepHoverReady);
  return (
    <>
      <header class="view-head">
        <h1>Samples</h1>
        <span class="caption ellipsis">{summary()}</span>
        <span class="grow" />
        <IconButton icon="trails" label="Trails of the selected samples over the epochs, or of the focused one (t)" pressed={trailsShown.value === 'on'} onClick={toggleTrails} />
        <Tools onFit={fit} />
      </header>
      <Body keep={keep} />
    </>
  );
}

const TOOLS: readonly { tool: Tool; label: string }[] = [
  { tool: 'pan', label: 'Pan' },
  { tool: 'lasso', label: 'Lasso (l): draw around samples to select them. Shift adds, Alt removes' },
  { tool: 'box', label: 'Box (b): drag over samples to select them. Shift adds, Alt removes' },
];

/** How points are drawn, what dragging does, and the way back to the whole. */
export function Tools({ onFit, fits = 'both plots' }: { onFit(): void; fits?: string }): JSX.Element {
  return (
    <>
      <Segmented
        label="Points as"
        value={drawnAs.value === 'thumbnails' ? 'thumbnails' : 'dots'}
        options={[{ value: 'dots', label: 'Dots' }, { value: 'thumbnails', label: 'Thumbnails' }]}
        onChange={(value) => (drawnAs.value = value)}
      />
      <span class="tools" role="group" aria-label="What dragging does">
        {TOOLS.map(({ tool: name, label }) => (
          <IconButton key={name} icon={name} label={label} pressed={tool.value === name} onClick={() => (tool.value = name)} />
        ))}
      </span>
      <IconButton icon="fit" label={`Fit ${fits} (f)`} onClick={onFit} />
    </>
  );
}

const toggleTrails = (): void => void (trailsShown.value = trailsShown.peek() === 'on' ? '' : 'on');
export const lasso = (): void => pickTool('lasso');
export const box = (): void => pickTool('box');

function Body({ keep }: { keep(name: string): (plot: ScatterPlot | null) => void }): JSX.Element {
  const body = useRef<HTMLDivElement>(null);
  const [width, height] = useSize(body);
  const legend = width > 760 ? 232 : 148;
  const square = Math.floor((width - legend - 2 * GAP) / 2) - 2 + AROUND_PLOT;
  const most = Math.max(LEAST_PLOTS, height - GAP - LEAST_ROWS);
  const plotted = Math.min(most, Math.max(LEAST_PLOTS, plotsHeight.value ?? square));
  return (
    <div
      class="view-body samples"
      ref={body}
      style={{ gridTemplateRows: `${plotted}px ${GAP}px minmax(0, 1fr)` }}
    >
      <div class="plots" style={{ gridTemplateColumns: `minmax(0, 1fr) minmax(0, 1fr) ${legend}px` }}>
        <PlotPanel side={left} label="left plot" plotRef={keep('left')} />
        <PlotPanel side={right} label="right plot" plotRef={keep('right')} />
        <Legend />
      </div>
      <Splitter
        label="Height of the plots"
        value={plotted}
        min={LEAST_PLOTS}
        max={most}
        onChange={(value) => (plotsHeight.value = value)}
        onReset={() => (plotsHeight.value = null)}
      />
      <RowsPanel />
    </div>
  );
}

function summary(): string {
  const manifest = payload.value?.manifest;
  if (!manifest) return '';
  const total = manifest.splits.reduce((sum, split) => sum + split.total, 0);
  const logged = steps.value.length;
  const watched = `${formatCount(manifest.n_samples)} watched of ${formatCount(total)}`;
  return `${watched} · ${formatCount(logged)} ${logged === 1 ? 'epoch' : 'epochs'} logged`;
}

/** What is hidden are values of one column: another column starts with all shown. */
function forgetHidden(): () => void {
  let last = colourBy.peek();
  return colourBy.subscribe((name) => {
    if (name !== last) hiddenClasses.value = new Set();
    last = name;
  });
}

/** A hover card opens at once: what it says is loaded before the first one. */
export function keepHoverReady(): void {
  for (const name of ['label', 'prediction', 'loss']) void column(name).data.value;
}
