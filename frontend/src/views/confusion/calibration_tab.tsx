import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { type Calibration } from '../../api';
import { Empty, ErrorStrip } from '../../elements/states';
import { formatCount, formatFixed } from '../../format';
import { calibration } from '../../store';
import { download } from '../shared/download';
import { Menu } from '../shared/menu';
import { svgPng } from '../shared/svg_png';
import { calibrationCsv, fileName, textFile } from './files';
import { UnitPlot } from './unit_plot';

const COUNTS = 64;

/** Whether a score of 0.8 is right in 8 of 10 cases. */
export function CalibrationTab(): JSX.Element {
  const { data, error, loading, retry } = calibration;
  const svg = useRef<SVGSVGElement>(null);
  const shown = data.value;
  const items = [
    {
      label: 'Picture, PNG',
      disabled: !shown,
      run: () => void (svg.current && svgPng([svg.current], svg.current.closest('.panel')!).then((blob) => blob && download(blob, fileName('calibration.png')))),
    },
    { label: 'Bins, CSV', disabled: !shown, run: () => shown && download(textFile(calibrationCsv(shown)), fileName('calibration.csv')) },
  ];
  return (
    <div class={loading.value ? 'confusion-columns waiting' : 'confusion-columns'} aria-busy={loading.value}>
      <section class="panel" aria-label="Reliability diagram">
        <header class="panel-head">
          <h2>Reliability</h2>
          <span class="caption ellipsis">accuracy by the score of the prediction</span>
          <span class="grow" />
          <Menu small icon="more" label="More for the reliability diagram" items={items} />
        </header>
        {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={retry} />}
        {shown && shown.n > 0 && <Diagram shown={shown} svg={svg} />}
        {shown?.n === 0 && <Empty>No labelled sample of the shown splits has a finite score.</Empty>}
        {!shown && !error.value && <Empty>Reading the scores…</Empty>}
      </section>
      {shown && shown.n > 0 && (
        <div class="confusion-side">
          <section class="panel statistics" aria-label="Calibration errors">
            <Statistic name="ECE" value={formatFixed(shown.ece)} title="Expected calibration error: the mean gap between accuracy and mean score, each bin weighted by its samples (Guo et al. 2017)" />
            <Statistic name="MCE" value={formatFixed(shown.mce)} title="Maximum calibration error: the largest gap of a bin. A bin of few samples can make it" />
            <Statistic name="samples" value={formatCount(shown.n)} title="Labelled samples with a finite score" />
          </section>
          <section class="panel scrolled" aria-label="Bins"><Bins shown={shown} /></section>
        </div>
      )}
    </div>
  );
}

function Statistic({ name, value, title }: { name: string; value: string; title: string }): JSX.Element {
  return (
    <div title={title}>
      <b>{value}</b>
      <span class="caption">{name}</span>
    </div>
  );
}

const edges = ({ low, high }: Calibration, k: number): string => `${formatFixed(low[k]!, 2)}–${formatFixed(high[k]!, 2)}`;

function Diagram({ shown, svg }: { shown: Calibration; svg: { current: SVGSVGElement | null } }): JSX.Element {
  const { low, high, accuracy, confidence, count } = shown;
  const most = Math.max(...count);
  return (
    <UnitPlot svgRef={svg} label={`Reliability diagram, expected calibration error ${formatFixed(shown.ece)}`} xTitle="score of the prediction" yTitle="accuracy" below={COUNTS + 20}>
      {({ x, y }) => (
        <>
          {Array.from(count, (n, k) => {
            if (n === 0) return null;
            const [left, width] = [x(low[k]!) + 1, x(high[k]!) - x(low[k]!) - 2];
            const [right, sure] = [accuracy[k]!, confidence[k]!];
            const tall = Math.max(1, (COUNTS * n) / most);
            const base = y(0) + 40 + COUNTS;
            return (
              <g key={k}>
                <title>{`score ${edges(shown, k)}: ${formatCount(n)} samples, mean score ${formatFixed(sure)}, accuracy ${formatFixed(right)}, gap ${signed(right - sure)}`}</title>
                <rect class="hit" x={left} width={width} y={y(1)} height={y(0) - y(1)} />
                <rect class="bar" x={left} width={width} y={y(right)} height={y(0) - y(right)} />
                <rect class={right < sure ? 'gap over' : 'gap under'} x={left + 0.5} width={width - 1} y={y(Math.max(right, sure))} height={Math.abs(y(right) - y(sure))} />
                <line class="right" x1={left} x2={left + width} y1={y(right)} y2={y(right)} />
                <rect class="bar" x={left} width={width} y={base - tall} height={tall} />
              </g>
            );
          })}
          <path class="line dashed" d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} />
          <text x={x(0) - 6} y={y(0) + 48} text-anchor="end">{formatCount(most)}</text>
          <text x={x(0) - 6} y={y(0) + 40 + COUNTS} text-anchor="end">0</text>
          <text x={x(0)} y={y(0) + 56 + COUNTS}>samples</text>
          <g transform={`translate(${x(0) + 10} ${y(1) + 8})`}>
            <rect class="bar" width="12" height="10" />
            <line class="right" x2="12" />
            <text x="18" y="9">accuracy</text>
            <rect class="gap over" y="18" width="12" height="10" />
            <text x="18" y="27">too sure</text>
            <rect class="gap under" y="36" width="12" height="10" />
            <text x="18" y="45">not sure enough</text>
          </g>
        </>
      )}
    </UnitPlot>
  );
}

const signed = (value: number): string => (value > 0 ? '+' : '') + formatFixed(value);

function Bins({ shown }: { shown: Calibration }): JSX.Element {
  return (
    <table class="bins">
      <thead>
        <tr>
          <th scope="col">score</th>
          {['n', 'mean', 'accuracy', 'gap'].map((title) => <th key={title} scope="col" class="number">{title}</th>)}
        </tr>
      </thead>
      <tbody>
        {Array.from(shown.count, (n, k) => (
          <tr key={k} class={n === 0 ? 'muted' : ''}>
            <th scope="row">{edges(shown, k)}</th>
            <td class="number">{formatCount(n)}</td>
            {[shown.confidence[k]!, shown.accuracy[k]!].map((value, at) => <td key={at} class="number">{n ? formatFixed(value) : '–'}</td>)}
            <td class="number">{n ? signed(shown.accuracy[k]! - shown.confidence[k]!) : '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
