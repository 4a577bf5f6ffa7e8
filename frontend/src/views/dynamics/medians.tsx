import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { LineChart } from '../../elements/line_chart';
import { Segmented } from '../../elements/segmented';
import { Select } from '../../elements/select';
import { Empty, ErrorStrip } from '../../elements/states';
import { ClassName } from '../../elements/swatch';
import { useSize } from '../../elements/use_size';
import { useVirtualRows } from '../../elements/virtual_rows';
import { formatCount, formatFixed } from '../../format';
import { type Medians, chooseMediansBy, chooseMediansOf, classStyles, goToStep, medians, mediansBy, mediansOf, payload, selected, step } from '../../store';
import { fileName, textFile } from '../confusion/files';
import { download } from '../shared/download';
import { Menu } from '../shared/menu';
import { svgPng } from '../shared/svg_png';
import { GAP, type Group, HEAD, groupsOf, gridOf, listed, mediansCsv, sharedLimits } from './medians_model';

const OF = [
  { value: 'loss', label: 'loss' },
  { value: 'label_score', label: 'label score' },
  { value: 'margin', label: 'margin' },
];
const BY = [
  { value: 'label', label: 'each label' },
  { value: 'prediction', label: 'each prediction' },
  { value: 'split', label: 'each split' },
  { value: 'all', label: 'all together' },
  { value: 'selected', label: 'the selected, the rest' },
];
/** From so many groups on they are searched and ordered. */
const MANY = 13;

/** Median and spread of groups of samples over the epochs; a press shows that epoch. */
export function MediansPanel(): JSX.Element {
  const search = useSignal('');
  const order = useSignal('listed');
  const panel = useRef<HTMLElement>(null);
  const whole = useSignal(false);
  const savePicture = (): void => {
    whole.value = true;
    requestAnimationFrame(() => void (panel.current ? picture(panel.current) : Promise.resolve()).finally(() => (whole.value = false)));
  };
  const { data, loading, error, retry } = medians;
  const found = data.value;
  const groups = found ? groupsOf(found, payload.value?.manifest.class_names ?? []) : [];
  const at = found ? found.steps.indexOf(step.value ?? -1) : -1;
  const shown = listed(groups, search.value, order.value === 'worst' && at >= 0 ? at : null, found?.of !== 'loss');
  const nothing = mediansBy.value === 'selected' && selected.value.size === 0;
  const stale = loading.value || found?.of !== mediansOf.value || found.by !== mediansBy.value;
  return (
    <section class="panel medians" aria-label="Medians over the epochs" ref={panel}>
      <header class="panel-head">
        <Select small label="Median" caption value={mediansOf.value} options={OF} title="Median of what" onChange={chooseMediansOf} />
        <Select small label="of" caption value={mediansBy.value} options={BY} title="Of which samples" onChange={chooseMediansBy} />
        <span class="grow" />
        <Menu
          small
          icon="more"
          label="More for the medians"
          items={[
            { label: 'Picture, PNG', disabled: shown.length === 0, run: savePicture },
            { label: 'Medians and quantiles, CSV', disabled: !found, run: () => found && download(textFile(mediansCsv(found, groups)), fileName('medians.csv')) },
          ]}
        />
      </header>
      {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={retry} />}
      {groups.length >= MANY && (
        <div class="medians-find">
          <input type="search" aria-label="Find a class" placeholder={`Find among ${formatCount(groups.length)}`} value={search.value} onInput={(event) => (search.value = event.currentTarget.value)} />
          <Segmented
            label="Order"
            value={order.value}
            options={[{ value: 'listed', label: 'Class order' }, { value: 'worst', label: 'Worst first', title: 'By the median at the shown epoch' }]}
            onChange={(value) => (order.value = value)}
          />
        </div>
      )}
      {nothing && <Empty>Nothing is selected: draw around points in the map, or run a query with <kbd>/</kbd>.</Empty>}
      {!nothing && !found && !error.value && <Empty>Reading the trajectories…</Empty>}
      {!nothing && found && shown.length === 0 && <Empty>{search.value ? `No class is called “${search.value}”.` : 'No shown sample has these values.'}</Empty>}
      {!nothing && found && shown.length > 0 && <Charts found={found} shown={shown} all={groups} at={at} stale={stale} whole={whole.value} />}
      <footer class="panel-foot"><Key /></footer>
    </section>
  );
}

/** What line and bands are. */
function Key(): JSX.Element {
  return (
    <>
      <svg class="chart" width="22" height="14" aria-hidden="true">
        <path class="band" d="M0 0h22v14h-22z" />
        <path class="band" d="M0 3.500h22v7h-22z" />
        <path class="line" d="M0 7h22" />
      </svg>
      <span class="ellipsis" title="Line: the median; dark band: the middle half of the samples; light band: the middle 80%">median, half of the samples, 80% of them</span>
    </>
  );
}

interface ChartsProps {
  found: Medians;
  shown: readonly Group[];
  all: readonly Group[];
  /** Position of the shown epoch, or -1. */
  at: number;
  stale: boolean;
  /** Also what is scrolled away, for a picture. */
  whole: boolean;
}

/** One chart a group, all with the same axes. */
function Charts({ found, shown, all, at, stale, whole }: ChartsProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const [width, height] = useSize(scroller);
  const grid = gridOf(shown.length, width, height);
  const tall = HEAD + grid.height + GAP;
  const rows = useVirtualRows(scroller, Math.ceil(shown.length / grid.across), tall, 0);
  const drawn = whole ? Array.from({ length: Math.ceil(shown.length / grid.across) }, (_, index) => ({ index })) : rows.items;
  const limits = found.of === 'label_score' ? [0, 1] : sharedLimits(all);
  return (
    <div class={stale ? 'medians-charts waiting' : 'medians-charts'} ref={scroller} aria-busy={stale}>
      <div style={{ height: `${Math.max(0, rows.totalHeight - GAP)}px` }}>
        {width > 0 && drawn.flatMap(({ index: row }) =>
          shown.slice(row * grid.across, (row + 1) * grid.across).map((group, k) => (
            <div
              key={group.group}
              class="median"
              style={{ transform: `translate(${k * (grid.width + GAP)}px, ${row * tall}px)`, width: `${grid.width}px`, ...hueOf(group) }}
            >
              <Head group={group} at={at} />
              <LineChart
                label={`${found.of} of ${group.name}, median over the epochs`}
                x={found.steps}
                series={[{ label: 'median', values: group.median, style: 'solid' }]}
                bands={[{ low: group.q10, high: group.q90 }, { low: group.q25, high: group.q75 }]}
                include={limits}
                width={grid.width}
                height={grid.height}
                cursor={at < 0 ? null : step.value}
                onPick={goToStep}
                left={30}
              />
            </div>
          )),
        )}
      </div>
    </div>
  );
}

const hueOf = ({ classIndex }: Group): Record<string, string> => {
  const look = classIndex === null ? undefined : classStyles.value[classIndex];
  return look ? { '--hue': look.color } : {};
};

function Head({ group, at }: { group: Group; at: number }): JSX.Element {
  const { name, classIndex, count, median, q25, q75 } = group;
  const now = median[at] ?? NaN;
  const spread = at < 0 ? '' : `\nAt this epoch: median ${formatFixed(now)}, half of them from ${formatFixed(q25[at] ?? NaN)} to ${formatFixed(q75[at] ?? NaN)}`;
  return (
    <div class="median-head" title={`${name}: ${formatCount(count)} samples${spread}`}>
      {classIndex === null ? <span class="ellipsis">{name}</span> : <ClassName look={classStyles.value[classIndex]} name={name} />}
      <span class="muted">{formatCount(count)}</span>
      <span class="grow" />
      {at >= 0 && <b>{formatFixed(now)}</b>}
    </div>
  );
}

/** All charts of the list on the page. */
async function picture(panel: HTMLElement): Promise<void> {
  const charts = [...panel.querySelectorAll<SVGSVGElement>('.median > svg')];
  const titles = [...panel.querySelectorAll<HTMLElement>('.median-head')].map(({ title }) => title.split('\n')[0] ?? '');
  const across = Math.max(2, Math.ceil(Math.sqrt(charts.length)));
  const blob = await svgPng(charts, panel, { across, titles });
  if (blob) download(blob, fileName('medians.png'));
}
