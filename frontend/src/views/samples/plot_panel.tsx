import { useComputed, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { limitsOf } from '../../draw/viewport';
import { countNonFinite } from '../../draw/tween';
import { HoverCard } from '../../elements/hover_card';
import { type ScatterPlot } from '../../elements/scatter/plot';
import { Scatter } from '../../elements/scatter/scatter';
import { Select } from '../../elements/select';
import { Empty, ErrorStrip, Progress } from '../../elements/states';
import { formatCount, formatPercent } from '../../format';
import {
  type Projection,
  focusSample,
  focused,
  hovered,
  pageVisible,
  payload,
  projection,
  step,
} from '../../store';
import { download } from '../shared/download';
import { Menu, type MenuItem } from '../shared/menu';
import { coordinatesCsv, coordinatesNpy } from './coordinates';
import { HoveredSample } from './hovered_sample';
import { INPUTS, type Side, colours, ink, marks } from './state';

export interface PlotPanelProps {
  side: Side;
  label: string;
  plotRef(plot: ScatterPlot | null): void;
}

/** One scatter plot with its source, axes and what is to be known of its projection. */
export function PlotPanel({ side, label, plotRef }: PlotPanelProps): JSX.Element {
  const source = side.source.value;
  const { data, error, loading, retry } = projection(source);
  const shown = data.value;
  const [plot, setPlot] = useState<ScatterPlot | null>(null);
  const under = useSignal<number | null>(null);
  const layout = useComputed(() => {
    const now = projection(side.source.value).data.value;
    if (!now) return null;
    const limits = now.limits.every(Number.isFinite) ? now.limits : limitsOf(now.xy);
    return { xy: now.xy, limits, source: side.source.value };
  });
  const titles = axisTitles(shown, source);
  const hover = (index: number | null): void => {
    under.value = index;
    hovered.value = index;
  };
  return (
    <section class="panel plot" aria-label={`${label}: ${source}`}>
      <header class="panel-head">
        <Select
          small
          class="source"
          label={`Source of the ${label}`}
          value={source}
          options={sourceOptions()}
          onChange={side.choose}
        />
        <span class="method" title="Principal components: the two directions of the greatest variance">PCA</span>
        <span class="grow" />
        <span class="caption axes-note" title={axesNote(source)}>fixed axes</span>
        <PlotMenu plot={plot} shown={shown} titles={titles} source={source} />
      </header>
      <div class={loading.value ? 'plot-body waiting' : 'plot-body'} aria-busy={loading.value}>
        <Scatter
          label={`${label}: PCA of ${source}, ${formatCount(payload.value?.manifest.n_samples ?? 0)} samples`}
          layout={layout}
          colours={colours}
          marks={marks}
          ink={ink}
          focused={focused}
          hovered={hovered}
          active={pageVisible}
          onHover={hover}
          onFocus={focusSample}
          plotRef={(made) => {
            setPlot(made);
            plotRef(made);
          }}
        >
          <span class="axis y" title={titles.why}>{titles.y}</span>
          <span class="axis x" title={titles.why}>{titles.x}</span>
          {plot && under.value !== null && <Card plot={plot} index={under.value} />}
        </Scatter>
        {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={retry} />}
        {shown && shown.xy.length === 0 && <Empty>No sample has coordinates here.</Empty>}
      </div>
      <PlotFoot shown={shown} failed={error.value !== null} />
    </section>
  );
}

function Card({ plot, index }: { plot: ScatterPlot; index: number }): JSX.Element | null {
  const at = plot.screenOf(index);
  if (at === null) return null;
  const [width, height] = plot.size;
  return (
    <HoverCard x={at[0]} y={at[1]} width={width} height={height}>
      <HoveredSample index={index} />
    </HoverCard>
  );
}

function sourceOptions(): { value: string; label: string }[] {
  const embeddings = payload.value?.manifest.embeddings ?? [];
  const layers = embeddings.map(({ layer }) => ({ value: layer, label: layer }));
  return [{ value: INPUTS, label: INPUTS }, ...layers];
}

function axesNote(source: string): string {
  if (source === INPUTS) return 'The inputs do not change: neither do these axes.';
  return 'Every epoch is turned to fit the one before it, and all share these limits: what moves here moved in the layer.';
}

interface AxisTitles {
  x: string;
  y: string;
  why: string;
}

function axisTitles(shown: Projection | null, source: string): AxisTitles {
  if (shown === null) return { x: '', y: '', why: '' };
  const name = source === INPUTS || !shown.aligned ? 'PC' : 'axis ';
  const [x, y] = shown.explained.map((share, k) => `${name}${k + 1} ${formatPercent(share)}`);
  const turned = 'PCA of this epoch, turned to fit the epochs before it.';
  const why = `Share of all variance along this axis.${name === 'PC' ? '' : ` ${turned}`}`;
  return { x: x ?? '', y: y ?? '', why };
}

function PlotFoot({ shown, failed }: { shown: Projection | null; failed: boolean }): JSX.Element {
  if (shown === null) return <footer class="panel-foot">{failed ? 'No projection' : 'Computing the projection…'}</footer>;
  const stale = failed && shown.source !== INPUTS && shown.step !== step.value;
  const share = shown.explained[0] + shown.explained[1];
  const lost = countNonFinite(shown.xy);
  const aligning = shown.done < shown.total && !failed;
  return (
    <footer class="panel-foot">
      <span class="meter"><span style={{ width: `${100 * Math.min(1, share || 0)}%` }} /></span>
      <span class="ellipsis explained" title={`Share of the variance over ${formatCount(shown.nFeatures)} features that these two axes hold.`}>
        <b>{formatPercent(share, 0)}</b> of variance<span class="wide"> of {formatCount(shown.nFeatures)} features</span>
      </span>
      {aligning && <Progress label="aligning" done={shown.done} total={shown.total} />}
      {!aligning && !shown.aligned && shown.source !== INPUTS && <span>not aligned</span>}
      {stale && <span class="warning">still of epoch {shown.step}</span>}
      {lost > 0 && <span class="warning" title="Their coordinates are NaN or infinite: they are not drawn.">{formatCount(lost)} not finite</span>}
      {shown.note && <span class="ellipsis" title={shown.note}>{shown.note}</span>}
    </footer>
  );
}

interface PlotMenuProps {
  plot: ScatterPlot | null;
  shown: Projection | null;
  titles: AxisTitles;
  source: string;
}

function PlotMenu({ plot, shown, titles, source }: PlotMenuProps): JSX.Element {
  const name = `${payload.value?.name ?? 'run'}-${source}-epoch-${step.value ?? 0}`.replace(/[^\w.-]+/g, '_');
  const save = (blob: Blob | null, extension: string): void => void (blob && download(blob, `${name}.${extension}`));
  const xy = shown?.xy;
  const items: MenuItem[] = [
    { label: <>Fit <kbd>f</kbd></>, run: () => plot?.fit() },
    { label: 'Picture, PNG', disabled: !plot, run: () => void plot?.toPng([titles.x, titles.y]).then((blob) => save(blob, 'png')) },
    { label: 'Coordinates, CSV', disabled: !xy, run: () => xy && save(new Blob([coordinatesCsv(xy)], { type: 'text/csv' }), 'csv') },
    { label: 'Coordinates, NPY', disabled: !xy, run: () => xy && save(new Blob([coordinatesNpy(xy)]), 'npy') },
  ];
  return <Menu small icon="more" label={`More for the plot of ${source}`} items={items} />;
}
