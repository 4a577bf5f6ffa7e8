import { scaleLinear } from 'd3-scale';
import { type JSX, type RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import { type Deletion } from '../../api';
import { Select } from '../../elements/select';
import { ErrorStrip } from '../../elements/states';
import { useSize } from '../../elements/use_size';
import { formatCount, formatFixed, formatPercent } from '../../format';
import { deletionFill, deletions, payload, shownDeletions, slots, specs } from '../../store';
import { CHOICES, MAP_TITLES } from '../../store/attribution_specs';
import { largest } from './paint';
import { shownValues } from './picture';
import { randomOrders } from './random_orders';
import { GAP_MEANS, round3 } from './tile';

const [LEFT, RIGHT, TOP, BOTTOM] = [40, 16, 12, 34];
const SHARES = [0, 0.25, 0.5, 0.75, 1];
const FILLS = (CHOICES.baseline ?? []).map(([value, label]) => ({ value, label }));
const STYLES = ['first', 'second', 'third'] as const;

interface Curve {
  style: string;
  deletion: Deletion;
}

/** Whether the maps are right: the score as the pixels that they hold important go. */
export function DeletionPanel(): JSX.Element {
  const found = shownDeletions.value.slice(0, specs.value.length);
  const curves = found.flatMap((deletion, k): Curve[] => (deletion ? [{ style: STYLES[k]!, deletion }] : []));
  const failed = deletions.find(({ error }) => error.value !== null);
  const error = failed?.error.value;
  const body = useRef<HTMLDivElement>(null);
  return (
    <section class="panel deletion" aria-label="Deletion">
      <header class="panel-head">
        <h2>Deletion</h2>
        <span class="caption ellipsis">score of the class as the pixels that a map holds most important are replaced: the faster it falls, the better the map</span>
        <span class="grow" />
        <Select small caption label="By" title="What replaces a pixel" value={deletionFill.value} options={FILLS} onChange={(fill) => (deletionFill.value = fill)} />
      </header>
      {failed && error && <ErrorStrip what={error.message} hint={error.hint} onRetry={() => failed.run()} />}
      <div class="deletion-body">
        <div class="deletion-plot" ref={body}><Plot curves={curves} body={body} /></div>
        <div class="deletion-table"><Figures found={found} random={randomCurves(curves)} /></div>
      </div>
    </section>
  );
}

/** Random order: a line of each class, in the style of the first map of that class. */
function randomCurves(curves: readonly Curve[]): Curve[] {
  const orders = randomOrders(curves.map(({ deletion }) => deletion));
  const of = curves.filter(({ deletion }) => orders.includes(deletion));
  return of.length > 1 ? of : of.map((curve) => ({ ...curve, style: '' }));
}

function Plot({ curves, body }: { curves: readonly Curve[]; body: RefObject<HTMLDivElement | null> }): JSX.Element | null {
  const [width, height] = useSize(body);
  if (width === 0) return null;
  const most = curves.length === 0 ? 1 : Math.max(0.01, ...curves.flatMap(({ deletion }) => [...deletion.score, ...deletion.random]));
  const x = scaleLinear([0, 1], [LEFT, width - RIGHT]);
  const y = scaleLinear([0, most], [height - BOTTOM, TOP]).nice(4);
  const path = (xs: ArrayLike<number>, ys: ArrayLike<number>): string =>
    Array.from(xs, (share, k) => `${k ? 'L' : 'M'}${x(share).toFixed(1)} ${y(ys[k] ?? 0).toFixed(1)}`).join('');
  return (
    <svg class="chart" width={width} height={height} role="img" aria-label={describe(curves)}>
      {y.ticks(Math.max(2, Math.floor(height / 60))).map((value) => (
        <g key={value}>
          <line class="gridline" x1={LEFT} x2={width - RIGHT} y1={Math.round(y(value)) + 0.5} y2={Math.round(y(value)) + 0.5} />
          <text x={LEFT - 6} y={y(value) + 4} text-anchor="end">{value}</text>
        </g>
      ))}
      {SHARES.map((share) => <text key={share} x={x(share)} y={height - BOTTOM + 15} text-anchor="middle">{formatPercent(share, 0)}</text>)}
      <text x={x(0.5)} y={height - 4} text-anchor="middle">pixels replaced</text>
      {randomCurves(curves).map(({ style, deletion }) => <path key={style} class={`line ${style} random`} d={path(deletion.share, deletion.random)} />)}
      {[...curves].reverse().map(({ style, deletion }) => <path key={style} class={`line ${style}`} d={path(deletion.share, deletion.score)} />)}
    </svg>
  );
}

function describe(curves: readonly Curve[]): string {
  const said = curves.map(({ deletion }, k) => `map ${k + 1} ${formatFixed(deletion.area)}`);
  return `Deletion curves; mean score: ${said.join(', ')}`;
}

/** A row a map: what its line looks like, and its numbers. */
function Figures({ found, random }: { found: readonly (Deletion | null)[]; random: readonly Curve[] }): JSX.Element {
  const classes = specs.value.flatMap((_, k) => slots[k]?.shown.value?.class ?? []);
  const differ = new Set(classes).size > 1;
  const names = payload.value?.manifest.class_names ?? [];
  return (
    <table class="deletion-figures">
      <thead>
        <tr>
          <th scope="col" />
          <th scope="col" class="number" title="Area under the curve; lower is better">mean score</th>
          <th scope="col" class="number" title="Of the class, with nothing changed">unchanged</th>
          <th scope="col" class="number">largest</th>
          <th scope="col" class="number" title="Column and row of the largest value">at x, y</th>
          <th scope="col" class="number" title="Through the model">passes</th>
          <th scope="col" class="number" title={GAP_MEANS}>gap</th>
        </tr>
      </thead>
      <tbody>
        {specs.value.map((spec, k) => {
          const map = slots[k]?.shown.value ?? null;
          const most = map && largest(shownValues(spec, map), map.width);
          const area = found[k]?.area;
          const waiting = deletions[k]?.job.value ? '…' : '–';
          return (
            <tr key={k}>
              <th scope="row"><Line style={STYLES[k]!} /> {MAP_TITLES[spec.method]} {differ && <span class="caption ellipsis">{map?.className}</span>}</th>
              <td class="number"><b>{area === undefined ? waiting : formatFixed(area)}</b></td>
              <td class="number">{map ? formatFixed(map.baseline) : '–'}</td>
              <td class="number">{most ? round3(most.value) : '–'}</td>
              <td class="number">{most ? `${most.x}, ${most.y}` : '–'}</td>
              <td class="number">{map ? `${map.done < map.positions ? `${formatCount(map.done)} of ` : ''}${formatCount(map.positions)}` : '–'}</td>
              <td class="number">{map && map.completenessGap !== null ? formatPercent(map.completenessGap) : ''}</td>
            </tr>
          );
        })}
        {random.map(({ style, deletion }) => (
          <tr key={style}>
            <th scope="row"><Line style={`${style} random`} /> random order {differ && <span class="caption ellipsis">{names[deletion.class]}</span>}</th>
            <td class="number"><b>{formatFixed(deletion.randomArea)}</b></td>
            <td colSpan={5} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const Line = ({ style }: { style: string }): JSX.Element => (
  <svg class="chart key" width="24" height="10" aria-hidden="true"><path class={`line ${style}`} d="M0 5H24" /></svg>
);
