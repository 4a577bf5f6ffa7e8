import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type ThresholdCurves } from '../../api';
import { Segmented } from '../../elements/segmented';
import { Empty, ErrorStrip } from '../../elements/states';
import { formatCount, formatFixed, formatValue } from '../../format';
import { decisions, payload, threshold, thresholdCurves } from '../../store';
import { download } from '../shared/download';
import { Menu } from '../shared/menu';
import { svgPng } from '../shared/svg_png';
import { Decision } from './decision';
import { curvesCsv, fileName, textFile } from './files';
import { Images } from './images';
import { nearest, outcomesAt, ratesOf } from './operating';
import { UnitPlot } from './unit_plot';

/** One class against the rest: what a threshold on its score decides. */
export function ThresholdTab({ narrow }: { narrow: boolean }): JSX.Element {
  const { data, error, loading, retry } = thresholdCurves;
  const shown = data.value;
  const scored = decisions.value;
  const at = threshold.value;
  const curve = useSignal<'roc' | 'pr'>('roc');
  const body = useRef<HTMLDivElement>(null);
  const found = useMemo(() => scored && outcomesAt(scored.scores, scored.labels, scored.of, at), [scored, at]);
  const charts = (): SVGSVGElement[] => [...(body.current?.querySelectorAll('svg.chart') ?? [])].filter((chart) => chart.closest('.unit-plot')) as SVGSVGElement[];
  const items = [
    {
      label: 'Picture, PNG',
      disabled: !shown,
      run: () => void svgPng(charts(), body.current!.querySelector('.panel')!).then((blob) => blob && download(blob, fileName('curves.png'))),
    },
    { label: 'Curves, CSV', disabled: !shown, run: () => shown && download(textFile(curvesCsv(shown)), fileName('curves.csv')) },
  ];
  const menu = <Menu small icon="more" label="More for the curves" items={items} />;
  const both: readonly ('roc' | 'pr')[] = narrow ? [curve.value] : ['roc', 'pr'];
  const chooser = narrow && (
    <Segmented label="Curve" value={curve.value} options={[{ value: 'roc', label: 'ROC' }, { value: 'pr', label: 'PR', title: 'Precision against recall' }]} onChange={(value) => (curve.value = value)} />
  );
  return (
    <div class={loading.value ? 'threshold waiting' : 'threshold'} ref={body} aria-busy={loading.value}>
      <section class="panel scrolled" aria-label="Decision">
        <Decision found={found} />
      </section>
      <div class="threshold-side">
        {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={retry} />}
        <div class="curves">
          {shown && found && both.map((kind, k) => (
            <section key={kind} class="panel" aria-label={TITLES[kind]}>
              <header class="panel-head">
                {chooser || <h2 class="ellipsis">{TITLES[kind]}</h2>}
                <span class="grow" />
                <span class="caption ellipsis">{kind === 'roc' ? 'AUC' : 'AP'} <b>{formatFixed(kind === 'roc' ? shown.rocAuc : shown.averagePrecision)}</b></span>
                {k === both.length - 1 && menu}
              </header>
              <Curve kind={kind} shown={shown} point={ratesOf(found)} />
            </section>
          ))}
          {!shown && !error.value && <section class="panel"><Empty>Reading the scores…</Empty></section>}
        </div>
        {shown && <Notes shown={shown} />}
        <Images choose="Choose one of the four outcomes" />
      </div>
    </div>
  );
}

const TITLES = { roc: 'ROC', pr: 'Precision and recall' } as const;

interface CurveProps {
  kind: 'roc' | 'pr';
  shown: ThresholdCurves;
  point: ReturnType<typeof ratesOf>;
}

/** All thresholds; the chosen one has the dot, and a press chooses another. */
function Curve({ kind, shown, point }: CurveProps): JSX.Element {
  const roc = kind === 'roc';
  const [xs, ys, thresholds] = roc ? [shown.fpr, shown.tpr, shown.rocThreshold] : [shown.recall, shown.precision, shown.prThreshold];
  const [px, py] = roc ? [1 - point.specificity, point.sensitivity] : [point.sensitivity, point.precision];
  const empty = shown.positives === 0 ? 'sample of this class' : roc && shown.negatives === 0 ? 'sample of another class' : null;
  if (empty) return <Empty>There is no {empty} in the shown splits: nothing to draw.</Empty>;
  const chance = shown.positives / (shown.positives + shown.negatives);
  const choose = (x: number, y: number): void => void (threshold.value = Math.min(1, nearest(xs, ys, thresholds, x, y)));
  return (
    <UnitPlot
      label={`${TITLES[kind]}: at the threshold ${formatFixed(px)}, ${formatFixed(py)}`}
      xTitle={roc ? '1 − specificity' : 'recall (sensitivity)'}
      yTitle={roc ? 'sensitivity' : 'precision'}
      onPick={choose}
    >
      {({ x, y }) => (
        <>
          <path class="line dashed" d={roc ? `M${x(0)} ${y(0)}L${x(1)} ${y(1)}` : `M${x(0)} ${y(chance)}H${x(1)}`}><title>{roc ? 'Chance' : 'The share of the class: what chance reaches'}</title></path>
          <path class="line" d={pathOf(xs, ys, x, y, !roc)} />
          {Number.isFinite(px) && Number.isFinite(py) && <circle class="operating" cx={x(px)} cy={y(py)} r={5} />}
        </>
      )}
    </UnitPlot>
  );
}

/** Precision is no function that could be joined by slanted lines: it steps. */
export function pathOf(xs: ArrayLike<number>, ys: ArrayLike<number>, x: (at: number) => number, y: (at: number) => number, steps: boolean): string {
  let path = '';
  for (let i = 0; i < xs.length; i++) {
    if (Number.isNaN(xs[i]) || Number.isNaN(ys[i])) continue;
    const [px, py] = [x(xs[i]!).toFixed(1), y(ys[i]!).toFixed(1)];
    path += path === '' ? `M${px} ${py}` : steps ? `V${py}H${px}` : `L${px} ${py}`;
  }
  return path;
}

function Notes({ shown }: { shown: ThresholdCurves }): JSX.Element | null {
  const notes = [
    shown.thinned !== null && `The curves are drawn by 2,000 of ${formatCount(shown.thinned)} points; areas and numbers are of all.`,
    shown.notStored > 0 && `${formatCount(shown.notStored)} samples have no stored score of ${payload.value?.manifest.class_names[shown.positive]}, since only the highest were kept: they count as negative, which is exact for thresholds above ${formatValue(shown.exactAbove)}.`,
    shown.leftOut > 0 && `${formatCount(shown.leftOut)} samples without a finite score are left out.`,
  ].filter(Boolean);
  return notes.length ? <p class="caption">{notes.join(' ')}</p> : null;
}
