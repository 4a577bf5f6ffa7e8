import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type Confusion } from '../../api';
import { ClassName } from '../../elements/swatch';
import { Table, type TableColumn } from '../../elements/table';
import { formatCount, formatFixed } from '../../format';
import { classStyles, payload, pick, picked } from '../../store';

type Figure = 'support' | 'precision' | 'recall' | 'f1';

const FIGURES: readonly { name: Figure; title: string; short: string; definition: string; width: number; least: number }[] = [
  { name: 'support', title: 'n', short: 'n', definition: 'Samples with this label', width: 58, least: 58 },
  { name: 'precision', title: 'precision', short: 'prec.', definition: 'Share of the samples predicted to be of the class that are', width: 80, least: 54 },
  { name: 'recall', title: 'recall', short: 'recall', definition: "Share of the class's samples that are predicted so", width: 68, least: 70 },
  { name: 'f1', title: 'F1', short: 'F1', definition: 'Harmonic mean of precision and recall', width: 56, least: 56 },
];

/** Classes in the order of a figure, those without one last. */
export function sortedClasses(data: Confusion, names: readonly string[], by: string, descending: boolean): number[] {
  const classes = names.map((_, index) => index);
  const sign = descending ? -1 : 1;
  if (by === 'class') return classes.sort((a, b) => sign * names[a]!.localeCompare(names[b]!, 'en', { numeric: true }));
  const values = data[by as Figure];
  return classes.sort((a, b) => {
    const [x, y] = [values[a]!, values[b]!];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
    return sign * (x - y) || a - b;
  });
}

/** Precision, recall and F1 of every class; a row selects the samples with its label. */
export function ClassTable({ data, narrow }: { data: Confusion; narrow: boolean }): JSX.Element {
  const sort = useSignal({ column: 'recall', descending: false });
  const names = payload.value?.manifest.class_names ?? [];
  const looks = classStyles.value;
  const classes = useMemo(() => sortedClasses(data, names, sort.value.column, sort.value.descending), [data, names, sort.value]);
  const columns = useMemo((): TableColumn<number>[] => [
    { name: 'class', title: 'class', definition: 'Label', width: 'minmax(76px, 1fr)', least: 76, numeric: false, cell: (index) => <ClassName look={looks[index]} name={names[index] ?? ''} /> },
    ...FIGURES.map(({ name, title, short, definition, width, least }) => ({
      name, definition,
      title: narrow ? short : title,
      width: `${narrow ? least : width}px`,
      least: narrow ? least : width,
      numeric: true,
      cell: (index: number) => (name === 'support' ? formatCount(data[name][index]!) : defined(data[name][index]!)),
    })),
  ], [data, looks, names, narrow]);
  const cells = picked.value?.cells ?? [];
  const label = cells.length === 1 ? (cells[0]?.label ?? null) : null;
  const { column, descending } = sort.value;
  const add = useRef(false);
  const note = (event: MouseEvent | KeyboardEvent): void => void (add.current = event.shiftKey);
  return (
    <div class="sample-table" onClickCapture={note} onKeyDownCapture={note}>
      <Table
        label="Classes"
        columns={columns}
        total={classes.length}
        row={(position) => classes[position] ?? null}
        sort={{ column, descending }}
        onSort={(name) => (sort.value = { column: name, descending: name === column ? !descending : name === 'support' })}
        focus={label === null ? null : classes.indexOf(label)}
        onFocus={(position) => pick({ cells: [{ label: classes[position] ?? null, prediction: null }] }, add.current)}
        onRange={() => undefined}
        waiting={false}
      />
    </div>
  );
}

const defined = (value: number): string => (Number.isNaN(value) ? '–' : formatFixed(value));
