import { signal, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { type JSX, type RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Viewport } from '../../draw/viewport';
import { type ScatterPlot } from '../../elements/scatter/plot';
import { Segmented } from '../../elements/segmented';
import { Empty, ErrorStrip } from '../../elements/states';
import { useSize } from '../../elements/use_size';
import { formatCount, formatFixed } from '../../format';
import { useKey } from '../../frame/keys';
import { colourColumn, column, mapColour, payload, shownMask, step, stepPosition, steps } from '../../store';
import { fileName, textFile } from '../confusion/files';
import { LegendStrip } from '../facets/legend_strip';
import { Tools, box, keepHoverReady, lasso } from '../samples';
import { LinkedScatter } from '../samples/linked_scatter';
import { wrongRinged } from '../samples/state';
import { download } from '../shared/download';
import { Menu } from '../shared/menu';
import { REGIONS, RULE, mapLayout } from './cartography_model';
import { Definitions } from './definitions';
import { BOTTOM, LEFT, MapAxes, RIGHT, TOP } from './map_axes';
import { mapCsv, mapPng } from './map_files';
import { CORRECTNESS, mapColouring, mapColours, mapMarks, mapResources, places, regions } from './map_state';
import { MediansPanel } from './medians';

const AROUND = { margin: `${TOP}px ${RIGHT}px ${BOTTOM}px ${LEFT}px` };
/** The map on the page. */
const shownMap = signal<ScatterPlot | null>(null);
const fit = (): void => shownMap.peek()?.fit();

/** How sure and how steady the network is of each sample's label, and how its classes went. */
export function Cartography(): JSX.Element {
  if (steps.value.length < 2) {
    return (
      <div class="view-body">
        <Empty line={`log_model("${payload.value?.name ?? 'runs/exp1'}", model, data, step=${(steps.value[0]?.step ?? -1) + 1})`}>
          What changes from epoch to epoch needs two of them, and one is logged: the map shows here as soon as the next
          one ends, or another state of the model is logged.
        </Empty>
      </div>
    );
  }
  return (
    <div class="view-body cartography">
      <MapPanel />
      <MediansPanel />
    </div>
  );
}

/** For the head of the view. */
export function MapTools(): JSX.Element | null {
  return steps.value.length < 2 ? null : <Tools fits="the map" onFit={fit} />;
}

/** Confidence against variability, a point a sample (Swayamdipta et al. 2020). */
function MapPanel(): JSX.Element {
  const panel = useRef<HTMLElement>(null);
  const axes = useRef<SVGSVGElement>(null);
  const plot = shownMap.value;
  useKey('f', 'Fit the plot', fit);
  useKey('l', 'Lasso', lasso);
  useKey('b', 'Box', box);
  useSignalEffect(keepHoverReady);
  const resources = mapResources();
  const failed = resources.find(({ error }) => error.value !== null);
  const waiting = resources.some(({ loading }) => loading.value) || places.value?.step !== step.value;
  const none = places.value !== null && regions.value?.counts.every((count) => count === 0);
  const png = async (): Promise<void> => {
    const points = await plot?.toPng(['', '']);
    if (!points || !axes.current || !panel.current) return;
    const blob = await mapPng(points, axes.current, LEFT, TOP, `${payload.peek()?.name ?? ''} · ${countedWords()} · coloured by ${colourWords()}`, panel.current);
    if (blob) download(blob, fileName('cartography.png'));
  };
  return (
    <section class="panel map" aria-label="Confidence against variability" ref={panel}>
      <header class="panel-head">
        <Segmented
          label="Colours of the map"
          value={mapColour.value === 'page' ? 'page' : CORRECTNESS}
          options={[
            { value: CORRECTNESS, label: 'Correctness', title: 'Share of the epochs at which the prediction was the label' },
            { value: 'page', label: 'As the page', title: `${colourColumn.value?.title ?? ''}, as chosen in the top bar` },
          ]}
          onChange={(value) => (mapColour.value = value)}
        />
        <span class="caption ellipsis" title="Each number counts the logged epochs up to the shown one">{countedWords()}</span>
        <span class="grow" />
        <Definitions />
        <Menu
          small
          icon="more"
          label="More for the map"
          items={[
            { label: <>Fit <kbd>f</kbd></>, run: fit },
            { label: 'Picture, PNG', disabled: !plot || !places.value, run: () => void png() },
            { label: 'Plotted values, CSV', disabled: !places.value, run: () => saveCsv() },
          ]}
        />
      </header>
      <div class="map-legend">
        <LegendStrip look={mapColouring.value} title={colourWords()} missing="hatched" />
        {!mapColouring.value && <span class="caption grow">{mapColour.value === 'page' && colourColumn.value?.slow ? 'Computing' : 'Reading'} {colourWords()}…</span>}
        <button type="button" class={wrongRinged.value ? 'strip-entry' : 'strip-entry off'} aria-pressed={wrongRinged.value} title="Wrong at the shown epoch. Click: with or without rings" onClick={() => (wrongRinged.value = !wrongRinged.value)}>
          <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><circle cx="7" cy="7" r="2.500" fill="var(--control)" /><circle cx="7" cy="7" r="5" fill="none" stroke="var(--wrong)" stroke-width="1.2" /></svg>
          wrong now
        </button>
      </div>
      <div class={waiting ? 'plot-body stale' : 'plot-body'} aria-busy={waiting}>
        <MapPlot axes={axes} />
        {failed?.error.value && <ErrorStrip what={failed.error.value.message} hint={failed.error.value.hint} onRetry={() => resources.forEach(({ retry, error }) => error.peek() && retry())} />}
        {none && <Empty>No shown sample has a label: the map is of the score of the label.</Empty>}
      </div>
      <footer class="panel-foot">
        <span class="ellipsis" title={RULE}>Ambiguous: variability ≥ 0.25. Else easy: confidence ≥ 0.5.</span>
        <span class="grow" />
        {(regions.value?.missing ?? 0) > 0 && !none && <span>{formatCount(regions.value!.missing)} without a label</span>}
      </footer>
    </section>
  );
}

const colourWords = (): string => (mapColour.value === 'page' ? (colourColumn.value?.title ?? '') : CORRECTNESS);

/** `epochs 0 to 8 (9 logged)`. */
function countedWords(): string {
  const [first, at] = [steps.value[0]?.step, step.value];
  const count = stepPosition.value + 1;
  return count === 1 ? `epoch ${at}: the first, no variability yet` : `over epochs ${first}–${at}${count === (at ?? 0) - (first ?? 0) + 1 ? '' : `, ${count} logged`}`;
}

function saveCsv(): void {
  const [found, shown] = [places.peek(), payload.peek()];
  const [correctness, labels] = [CORRECTNESS, 'label'].map((name) => column(name).data.peek()?.values);
  if (!found || !shown || !correctness || !labels) return;
  download(textFile(mapCsv({ ...found, correctness, labels }, shown, shownMask.peek())), fileName('cartography.csv'));
}

function MapPlot({ axes }: { axes: RefObject<SVGSVGElement | null> }): JSX.Element {
  const area = useRef<HTMLDivElement>(null);
  const [width, height] = useSize(area);
  const aspect = useSignal(0);
  useLayoutEffect(() => void (aspect.value = height > 0 ? width / height : 0), [width, height]);
  const viewport = useSignal<Viewport | null>(null);
  const layout = useComputed(() => {
    if (!places.value || aspect.value === 0) return null;
    const { variability, confidence } = places.value;
    return { xy: mapLayout(variability, confidence, aspect.value), limits: [0, aspect.value, 0, 1] as const, source: 'map' };
  });
  return (
    <>
      <div class="map-plot" ref={area} style={AROUND}>
        <LinkedScatter
          label={`Data map: confidence against variability of ${formatCount(regions.value?.counts.reduce((sum, n) => sum + n, 0) ?? 0)} samples; ${regions.value?.counts.map((n, k) => `${formatCount(n)} ${REGIONS[k]}`).join(', ') ?? ''}`}
          layout={layout}
          colours={mapColours}
          marks={mapMarks}
          onView={(seen) => (viewport.value = seen)}
          plotRef={(made) => (shownMap.value = made)}
          card={(index) => <Numbers index={index} />}
        />
      </div>
      <MapAxes viewport={viewport} aspect={aspect.value} svg={axes} />
    </>
  );
}

/** What the map says of a sample, in its card. */
function Numbers({ index }: { index: number }): JSX.Element {
  const correctness = column(CORRECTNESS).data.value?.values[index] ?? NaN;
  const { variability, confidence } = places.value ?? { variability: [], confidence: [] };
  return (
    <span class="map-numbers">
      <span>confidence {formatFixed(confidence[index] ?? NaN)}</span>
      <span>variability {formatFixed(variability[index] ?? NaN)}</span>
      <span>correctness {formatFixed(correctness)}</span>
    </span>
  );
}
