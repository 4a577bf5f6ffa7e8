import { type ReadonlySignal, signal, useSignalEffect } from '@preact/signals';
import { type JSX } from 'preact';
import { type Overlap } from '../../../api';
import { type Layout, type ScatterPlot } from '../../../elements/scatter/plot';
import { type ScatterMarks } from '../../../elements/scatter/scatter';
import { Empty, ErrorStrip } from '../../../elements/states';
import { formatCount, formatFixed, formatPercent } from '../../../format';
import { useKey } from '../../../frame/keys';
import { colourColumn, compareLayer, comparison, otherProjection, overlap, projection, shownPair } from '../../../store';
import { LegendStrip } from '../../facets/legend_strip';
import { box, keepHoverReady, lasso } from '../../samples';
import { LinkedScatter } from '../../samples/linked_scatter';
import { marks } from '../../samples/state';
import { otherLayout, otherMarks, ownLayout, plotted } from './plots';

/** Both plots, for files. */
export const shownPlots = signal<readonly (ScatterPlot | null)[]>([null, null]);
export const fitPlots = (): void => shownPlots.peek().forEach((plot) => plot?.fit());

const WHY = 'Mean share of a sample’s nearest neighbours (by cosine, among the matched samples that were drawn, stratified by label) that are its nearest in both runs. Low: this representation changed. The mark is what unrelated layers reach.';

/** Which representation changed, and where the samples lie in both. */
export function Layers({ name }: { name: string }): JSX.Element {
  useKey('f', 'Fit both plots', fitPlots);
  useKey('l', 'Lasso', lasso);
  useKey('b', 'Box', box);
  useSignalEffect(keepHoverReady);
  const found = overlap.data.value;
  const error = overlap.error.value;
  const pair = plotted.value;
  const own = shownPair.value ? projection(shownPair.value.layer) : null;
  const failed = [own, otherProjection].find((resource) => resource?.error.value);
  const matched = comparison.data.value?.index.length ?? 0;
  const left = (comparison.data.value?.of ?? 0) - matched;
  return (
    <div class="compare-layers">
      <section class="panel" aria-label="Common neighbours by layer">
        <header class="panel-head"><h2 title={WHY}>Common neighbours</h2></header>
        {error && <ErrorStrip what={error.message} hint={error.hint} onRetry={overlap.retry} />}
        {found && <Bars found={found} waiting={overlap.loading.value} />}
        {!found && !error && <Empty>Comparing the neighbours…</Empty>}
      </section>
      <section class="panel" aria-label="Both projections">
        <header class="panel-head">
          <h2 class="ellipsis">{shownPair.value ? layerName(shownPair.value) : 'Projections'}</h2>
          <span class="grow" />
          <span class="caption ellipsis">the first two components, in this run and {name}</span>
        </header>
        <div class="map-legend"><LegendStrip /></div>
        {failed?.error.value && <ErrorStrip what={failed.error.value.message} hint={failed.error.value.hint} onRetry={failed.retry} />}
        {found?.layers.length === 0 ? (
          <Empty>No layer has an embedding logged in both at these epochs: choose layers with CNNVis(embeddings=...).</Empty>
        ) : (
          <div class="compare-plots">
            <Plot at={0} title="this run" layout={ownLayout} marks={marks} />
            <Plot at={1} title={name} layout={otherLayout} marks={otherMarks} />
          </div>
        )}
        <footer class="panel-foot">
          <span class="ellipsis" title="Principal components of each; those of the other are moved, turned or mirrored, and brought to the same root mean square radius (orthogonal Procrustes)">
            PCA of each, the other’s turned onto this one{pair && Number.isFinite(pair.correlation) ? `: correlation ${formatFixed(pair.correlation, 2)}` : ''}
          </span>
          <span class="grow" />
          <span>{formatCount(matched)} drawn in both{left > 0 && `, ${formatCount(left)} unmatched are not`}</span>
        </footer>
      </section>
    </div>
  );
}

const layerName = ({ layer, other_layer: there }: { layer: string; other_layer: string }): string => (layer === there ? layer : `${layer} · ${there}`);

function Bars({ found, waiting }: { found: Overlap; waiting: boolean }): JSX.Element {
  const chance = found.layers[0]?.chance ?? NaN;
  const drawn = found.n < found.of ? `${formatCount(found.n)} of ${formatCount(found.of)} samples drawn` : `${formatCount(found.n)} samples`;
  return (
    <div class={waiting ? 'compare-overlap waiting' : 'compare-overlap'} aria-busy={waiting}>
      <div role="radiogroup" aria-label="Layer">
        {found.layers.map((layer) => (
          <button key={layer.layer} type="button" role="radio" aria-checked={layer.layer === shownPair.value?.layer} title={`${layerName(layer)}: show both projections`} onClick={() => (compareLayer.value = layer.layer)}>
            <span class="ellipsis">{layerName(layer)}</span>
            <b>{formatPercent(layer.overlap)}</b>
            <span class="meter" aria-hidden="true">
              <span style={{ width: `${100 * (layer.overlap || 0)}%` }} />
              <i style={{ left: `${100 * (layer.chance || 0)}%` }} />
            </span>
          </button>
        ))}
      </div>
      <p class="caption" title={WHY}>
        of the {found.k} nearest by {found.metric} are the same; by chance {formatPercent(chance)} (mark). {drawn}.
      </p>
      {found.leftOut.length > 0 && <p class="caption">Only in one of the two: {found.leftOut.join(', ')}.</p>}
    </div>
  );
}

interface PlotProps {
  at: 0 | 1;
  title: string;
  layout: ReadonlySignal<Layout | null>;
  marks: ReadonlySignal<ScatterMarks | null>;
}

function Plot({ at, title, layout, marks: rings }: PlotProps): JSX.Element {
  return (
    <div class="compare-plot">
      <LinkedScatter
        label={`${title}: samples by the layer's first two components, coloured by ${colourColumn.value?.title ?? ''}`}
        layout={layout}
        marks={rings}
        plotRef={(made) => (shownPlots.value = shownPlots.peek().map((kept, k) => (k === at ? made : kept)))}
      >
        <span class="axis y">{title}</span>
      </LinkedScatter>
    </div>
  );
}
