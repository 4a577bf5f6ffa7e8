import { useComputed, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type ScatterPlot } from '../../elements/scatter/plot';
import { Select } from '../../elements/select';
import { Empty, ErrorStrip } from '../../elements/states';
import { formatCount, formatPercent } from '../../format';
import { focused, payload, step } from '../../store';
import { type Picture, alignedOver } from '../../store/layouts';
import { METHOD_TITLES, methodWords } from '../../store/methods';
import { LinkedScatter } from './linked_scatter';
import { JobState, MethodControls, epochWords } from './method_controls';
import { PlotFoot } from './plot_foot';
import { PlotMenu } from './plot_menu';
import { INPUTS, type Side, pictures } from './state';
import { type SideTrails, trailed, trailsOf, trailsShown } from './trails';

export interface PlotPanelProps {
  side: Side;
  label: string;
  plotRef(plot: ScatterPlot | null): void;
}

/** One scatter plot with its source, method, axes and what is to be known of its projection. */
export function PlotPanel({ side, label, plotRef }: PlotPanelProps): JSX.Element {
  useEffect(() => side.shown.start(), [side]);
  const source = side.source.value;
  const { picture, current, error, job, loading } = side.shown;
  const shown = picture.value;
  const [plot, setPlot] = useState<ScatterPlot | null>(null);
  const pictured = useSignal({ count: 0, of: 0 });
  const layout = useComputed(() => {
    const now = picture.value;
    if (!now) return null;
    const { xy, index, limits, stage } = now;
    return { xy, index, limits, source: JSON.stringify([now.source, now.method]), forming: stage !== 'final' };
  });
  const trails = useMemo(() => trailsOf(side), [side]);
  const titles = axisTitles(shown);
  const waiting = loading.value || !current.value;
  const name = METHOD_TITLES[side.method.value.method];
  return (
    <section class="panel plot" aria-label={`${label}: ${source}`}>
      <header class="panel-head">
        <Select small class="source" label={`Source of the ${label}`} value={source} options={sourceOptions()} onChange={side.choose} />
        <MethodControls side={side} label={label} />
        <span class="grow" />
        {job.value ? <JobState side={side} label={label} /> : <Note shown={shown} side={side} />}
        <PlotMenu plot={plot} shown={shown} texts={pngWords(shown, titles)} source={source} />
      </header>
      <div class={waiting ? 'plot-body stale' : 'plot-body'} aria-busy={waiting}>
        <LinkedScatter
          label={`${label}: ${name} of ${source}, ${formatCount(shown?.index?.length ?? payload.value?.manifest.n_samples ?? 0)} samples`}
          layout={layout}
          trails={trails.drawn}
          onPictures={(count, of) => (pictured.value = { count, of })}
          plotRef={(made) => {
            setPlot(made);
            plotRef(made);
          }}
        >
          {titles.y && <span class="axis y" title={titles.why}>{titles.y}</span>}
          {titles.x && <span class="axis x" title={titles.why}>{titles.x}</span>}
          <Drawn shown={shown} pictured={pictured.value} trails={trailWords(side, trails)} />
        </LinkedScatter>
        {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={side.shown.run} />}
        {shown && shown.xy.length === 0 && <Empty>No sample has coordinates here.</Empty>}
      </div>
      <PlotFoot side={side} />
    </section>
  );
}

function sourceOptions(): { value: string; label: string }[] {
  const embeddings = payload.value?.manifest.embeddings ?? [];
  const layers = embeddings.map(({ layer }) => ({ value: layer, label: layer }));
  return [{ value: INPUTS, label: INPUTS }, ...layers];
}

/** At the right of the head: what the axes are, or the parameter that matters most. */
function Note({ shown, side }: { shown: Picture | null; side: Side }): JSX.Element {
  const { method, perplexity, neighbors } = shown?.method ?? side.method.value;
  if (method === 'pca') {
    const why = side.source.value === INPUTS
      ? 'The inputs do not change: neither do these axes.'
      : 'Every epoch is turned to fit the one before it, and all share these limits: what moves here moved in the layer.';
    return <span class="caption axes-note" title={why}>fixed axes</span>;
  }
  const { aligned, pull } = shown?.method ?? side.method.value;
  const own = method === 'tsne' ? `perplexity ${perplexity}` : `${neighbors} neighbours`;
  const said = aligned && side.source.value !== INPUTS ? `aligned, pull ${pull}` : own;
  const epochs = side.shown.epochs.value;
  const others = epochs && epochs.done < epochs.total ? epochWords(epochs) : said;
  return <span class="caption axes-note ellipsis" title={shown ? methodWords(shown.method) : ''}>{others}</span>;
}

function drawnWords(shown: Picture | null): string {
  if (!shown?.index || shown.index.length >= shown.of) return '';
  return `${formatCount(shown.index.length)} of ${formatCount(shown.of)} drawn`;
}

/** What a picture by t-SNE or UMAP shows as long as it is not complete. */
function stageWords({ stage, method, step: at }: Picture): string {
  if (stage === 'forming' && method.aligned && at !== step.value) return `epoch ${at} so far`;
  if (stage === 'start') return `PCA, where ${METHOD_TITLES[method.method]} starts`;
  return stage === 'forming' ? 'not complete' : '';
}

function pngWords(shown: Picture | null, titles: AxisTitles): [string, string] {
  if (!shown || shown.pca) return [titles.x, titles.y];
  const said = [methodWords(shown.method), stageWords(shown)].filter(Boolean).join(' · ');
  return [drawnWords(shown), said];
}

/** That not all samples are in the picture, whether the focused one is, and how far it has come. */
function Drawn({ shown, pictured, trails }: { shown: Picture | null; pictured: { count: number; of: number }; trails: string }): JSX.Element | null {
  const words = drawnWords(shown);
  const stage = shown ? stageWords(shown) : '';
  const some = pictures.value !== null && pictured.count < pictured.of;
  const zoom = some ? `${formatCount(pictured.count)} as pictures, zoom in for more` : '';
  if (!shown || (words === '' && stage === '' && zoom === '' && trails === '')) return null;
  const at = focused.value;
  const absent = words !== '' && at !== null && !Number.isFinite(shown.xy[2 * at]);
  const said = [absent ? `${words}, #${at} is not` : words, stage, zoom, trails];
  return (
    <span class="axis drawn" title="Drawn stratified by label; the other samples are not in this plot. Their number is set in the parameters.">
      {said.filter(Boolean).map((text) => <span key={text}>{text}</span>)}
    </span>
  );
}

/** What is to be known of the trails of a plot, or empty. */
function trailWords({ source, method, shown }: Side, { resource, drawn }: SideTrails): string {
  if (trailsShown.value !== 'on') return '';
  if (source.value === INPUTS) return '';
  if (trailed.value.size === 0) return 'trails: select samples';
  if (!alignedOver({ source: source.value, method: method.value })) return 'no trails: the epochs are not aligned';
  if (resource.error.value) return `no trails: ${resource.error.value.message}`;
  const found = resource.data.value;
  if (!drawn.value || !found || shown.picture.value === null) return '';
  if (found.index.length === 0) return 'no trails: not drawn here';
  return found.index.length < found.of ? `trails of ${formatCount(found.index.length)} of ${formatCount(found.of)}` : '';
}

interface AxisTitles {
  x: string;
  y: string;
  why: string;
}

function axisTitles(shown: Picture | null): AxisTitles {
  if (!shown?.pca) return { x: '', y: '', why: '' };
  const name = shown.source === INPUTS || !shown.pca.aligned ? 'PC' : 'axis ';
  const [x, y] = shown.pca.explained.map((share, k) => `${name}${k + 1} ${formatPercent(share)}`);
  const turned = name === 'PC' ? '' : ' PCA of this epoch, turned to fit the epochs before it.';
  const why = `Share of the variance over ${formatCount(shown.nFeatures)} features along this axis.${turned}`;
  return { x: x ?? '', y: y ?? '', why };
}
