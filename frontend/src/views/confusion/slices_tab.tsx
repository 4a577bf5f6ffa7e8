import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type Interval, type Slices } from '../../api';
import { Select } from '../../elements/select';
import { Empty, ErrorStrip } from '../../elements/states';
import { Table, type TableColumn } from '../../elements/table';
import { formatCount, formatFixed, formatPercent } from '../../format';
import { payload, pick, picked, positive, positiveClass, sliceBins, sliceFields, sliceName, slicedBy, slices } from '../../store';
import { download } from '../shared/download';
import { Menu } from '../shared/menu';
import { fileName, slicesCsv, textFile } from './files';
import { Images } from './images';
import { slicesPicture } from './slices_picture';

/** Columns that name a sample rather than a group of them. */
const NAMING: ReadonlySet<string> = new Set(['sample_index', 'source_index', 'id']);

/** How good the predictions are in parts of the data, the worst first. */
export function SlicesTab(): JSX.Element {
  const { data, error, loading, retry } = slices;
  const shown = data.value;
  const panel = useRef<HTMLElement>(null);
  const [first = '', second = ''] = slicedBy.value;
  const known = (payload.value?.columns ?? []).filter(({ name }) => !NAMING.has(name));
  const options = known.map(({ name, title }) => ({ value: name, label: title }));
  const names = payload.value?.manifest.class_names ?? [];
  const choose = (...fields: string[]): void => void (sliceFields.value = JSON.stringify([...new Set(fields.filter(Boolean))]));
  const numeric = slicedBy.value.some((name) => ['number', 'integer'].includes(known.find((entry) => entry.name === name)?.kind ?? ''));
  const items = [
    { label: 'Picture, PNG', disabled: !shown, run: () => shown && panel.current && slicesPicture(shown, panel.current).toBlob((blob) => blob && download(blob, fileName('slices.png'))) },
    { label: 'Slices, CSV', disabled: !shown, run: () => shown && download(textFile(slicesCsv(shown)), fileName('slices.csv')) },
  ];
  return (
    <div class="confusion-columns slices">
      <section class="panel" aria-label="Slices" ref={panel}>
        <header class="panel-head slices-head">
          <Select small caption label="By" value={first} options={options} onChange={(name) => choose(name, second)} />
          <Select small caption label="and" value={second} options={[{ value: '', label: 'nothing' }, ...options.filter(({ value }) => value !== first)]} onChange={(name) => choose(first, name)} />
          {numeric && (
            <Select
              small
              label="Bins of numbers, with as many samples each"
              value={String(sliceBins.value)}
              options={[2, 3, 5, 10, 20].map((bins) => ({ value: String(bins), label: `${bins} bins` }))}
              onChange={(bins) => (sliceBins.value = Number(bins))}
            />
          )}
          <span class="grow" />
          <Select
            small
            caption
            class="recall-of"
            label="Recall of"
            value={String(positive.value)}
            options={names.map((label, index) => ({ value: String(index), label }))}
            onChange={(value) => (positiveClass.value = value)}
          />
          <Menu small icon="more" label="More for the slices" items={items} />
        </header>
        {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={retry} />}
        {shown && shown.rows.length > 0 && <SlicesTable shown={shown} waiting={loading.value} />}
        {shown?.rows.length === 0 && <Empty>No labelled sample is in the shown splits.</Empty>}
        {!shown && !error.value && <Empty>Slicing…</Empty>}
      </section>
      <div class="confusion-side"><Images choose="Choose a slice" /></div>
    </div>
  );
}

/** Positions of the slices by a column, those without a value last. */
export function sortedSlices(shown: Slices, by: string, descending: boolean): number[] {
  const positions = shown.rows.map((_, at) => at);
  const sign = descending ? -1 : 1;
  const field = shown.fields.indexOf(by);
  if (field >= 0) return positions.sort((a, b) => sign * shown.rows[a]![field]!.localeCompare(shown.rows[b]![field]!, 'en', { numeric: true }));
  const values = by === 'count' ? shown.count : (shown[by as 'accuracy' | 'recall' | 'loss']?.value ?? shown.accuracy.value);
  return positions.sort((a, b) => {
    const [x, y] = [values[a]!, values[b]!];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
    return sign * (x - y) || a - b;
  });
}

function SlicesTable({ shown, waiting }: { shown: Slices; waiting: boolean }): JSX.Element {
  const sort = useSignal({ column: 'accuracy', descending: false });
  const add = useRef(false);
  const { column, descending } = sort.value;
  const order = useMemo(() => sortedSlices(shown, column, descending), [shown, column, descending]);
  const columns = useMemo(() => columnsOf(shown), [shown]);
  const chosen = picked.value?.slices.at(-1);
  const at = chosen === undefined ? -1 : order.findIndex((row) => sliceName(shown.rows[row]!) === chosen);
  const note = (event: MouseEvent | KeyboardEvent): void => void (add.current = event.shiftKey);
  return (
    <div class="sample-table" onClickCapture={note} onKeyDownCapture={note}>
      <Table
        label="Slices"
        columns={columns}
        total={order.length}
        row={(position) => order[position] ?? null}
        sort={sort.value}
        onSort={(name) => (sort.value = { column: name, descending: name === column ? !descending : name === 'count' || name === 'loss' })}
        focus={at < 0 ? null : at}
        onFocus={(position) => pick({ slices: [sliceName(shown.rows[order[position]!]!)] }, add.current)}
        onRange={() => undefined}
        waiting={waiting}
      />
    </div>
  );
}

function columnsOf(shown: Slices): TableColumn<number>[] {
  const catalogue = payload.peek()?.columns ?? [];
  const name = payload.peek()?.manifest.class_names[positive.peek()] ?? '';
  const text = shown.fields.map((field, k): TableColumn<number> => {
    const info = catalogue.find((entry) => entry.name === field);
    return {
      name: field, title: info?.title ?? field, definition: info?.definition ?? field,
      width: 'minmax(80px, 1fr)', least: 80, numeric: false,
      cell: (row) => <span class="ellipsis" title={shown.rows[row]![k]}>{shown.rows[row]![k]}</span>,
    };
  });
  const lowest = Math.min(1, ...Array.from(shown.accuracy.low).filter(Number.isFinite));
  const format = (value: number): string => formatPercent(value);
  const share = { ends: [0, 1], format } as const;
  const accuracy = { ends: [Math.min(0.9, Math.floor(10 * lowest) / 10), 1], format } as const;
  const finite = Array.from(shown.loss.high).concat(Array.from(shown.loss.value)).filter(Number.isFinite);
  const loss = { ends: [0, Math.max(1e-6, ...finite)], format: (value: number) => formatFixed(value) } as const;
  return [
    ...text,
    { name: 'count', title: 'n', definition: 'Samples in the slice', width: '60px', least: 60, numeric: true, cell: (row) => formatCount(shown.count[row]!) },
    figure('accuracy', 'accuracy', `Share of right predictions, with the Wilson 95% interval; the axis is from ${formatPercent(accuracy.ends[0], 0)} to 100%`, shown.accuracy, accuracy),
    ...(shown.recall ? [figure('recall', 'recall', `Share of the slice's ${name} that is predicted so, with the Wilson 95% interval`, shown.recall, share)] : []),
    figure('loss', 'mean loss', 'Mean loss in nats, with its 95% interval', shown.loss, loss),
  ];
}

interface Axis {
  ends: readonly [number, number];
  format(value: number): string;
}

/** A number, and where it lies with its interval. */
function figure(name: string, title: string, definition: string, { value, low, high }: Interval, axis: Axis): TableColumn<number> {
  return {
    name, title, definition, width: '120px', least: 120, numeric: false,
    cell: (row) => <Whisker value={value[row]!} low={low[row]!} high={high[row]!} axis={axis} />,
  };
}

const WIDE = 52;

function Whisker({ value, low, high, axis }: { value: number; low: number; high: number; axis: Axis }): JSX.Element {
  if (Number.isNaN(value)) return <span class="muted">–</span>;
  const x = (at: number): number => (WIDE * (Math.min(axis.ends[1], Math.max(axis.ends[0], at)) - axis.ends[0])) / (axis.ends[1] - axis.ends[0]);
  const known = Number.isFinite(low) && Number.isFinite(high);
  const text = known ? `${axis.format(value)}, 95% interval ${axis.format(low)} to ${axis.format(high)}` : `${axis.format(value)}; too few samples for an interval`;
  return (
    <span class="whisker" title={text} aria-label={text}>
      <span class="number">{axis.format(value)}</span>
      <svg width={WIDE + 4} height="14" viewBox={`-2 0 ${WIDE + 4} 14`} aria-hidden="true">
        <rect class="track" y="5" width={WIDE} height="4" />
        {known && <rect class="bar" x={x(low)} y="3" width={x(high) - x(low)} height="8" />}
        {known && <path class="interval" d={`M${x(low)} 3v8M${x(high)} 3v8`} />}
        <circle class="at" cx={x(value)} cy="7" r="2.500" />
      </svg>
    </span>
  );
}
