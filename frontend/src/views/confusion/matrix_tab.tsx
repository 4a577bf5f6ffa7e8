import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { Segmented } from '../../elements/segmented';
import { Select } from '../../elements/select';
import { Empty, ErrorStrip } from '../../elements/states';
import { type Cell, cellValues, classOrder, commonHighest, confusion, linkedText, payload, pick, picked, splitFilter, step } from '../../store';
import { download } from '../shared/download';
import { Menu, type MenuItem } from '../shared/menu';
import { ClassTable } from './class_table';
import { classesCsv, fileName, matrixCsv, textFile } from './files';
import { Images } from './images';
import { Matrix, type Painter } from './matrix';
import { type Mode, type Order, matrixModel, orderOf } from './model';

const MODES: { value: Mode; label: string; title: string }[] = [
  { value: 'counts', label: 'Counts', title: 'Samples' },
  { value: 'row', label: 'By row', title: "Share of the label's samples" },
  { value: 'column', label: 'By column', title: "Share of the prediction's samples" },
];
export const ORDERS: { value: Order; label: string }[] = [
  { value: 'similarity', label: 'by similarity' },
  { value: 'name', label: 'by name' },
  { value: 'index', label: 'by index' },
];
const NO_CELLS: readonly Cell[] = [];
/** Empty: one scale for all epochs, so that scrubbing compares them. */
const scaleOf = linkedText('cells.scale');
export const valid = <T extends string>(options: readonly { value: T }[], wanted: string): T =>
  (options.find(({ value }) => value === wanted) ?? options[0]!).value;

/** The matrix, what follows from it for each class, and the images of what is picked. */
export function MatrixTab({ narrow }: { narrow: boolean }): JSX.Element {
  const { data, error, loading, retry } = confusion;
  const painter = useRef<Painter | null>(null);
  const shown = data.value;
  const [mode, order] = [valid(MODES, cellValues.value), valid(ORDERS, classOrder.value)];
  const names = payload.value?.manifest.class_names ?? [];
  const alone = scaleOf.value === 'epoch';
  const common = alone ? null : (commonHighest(splitFilter.value)?.[mode] ?? null);
  const model = useMemo(
    () => shown && matrixModel(shown, mode, orderOf(order, shown, names), common),
    [shown, mode, order, names, common],
  );
  const save = (blob: Blob | null, what: string): void => void (blob && download(blob, fileName(what)));
  const items: MenuItem[] = [
    { label: alone ? 'One scale for all epochs' : 'Scale by the shown epoch alone', run: () => (scaleOf.value = alone ? '' : 'epoch') },
    { label: 'Picture, PNG', disabled: !model, run: () => painter.current?.().toBlob((blob) => save(blob, 'confusion.png')) },
    { label: 'Matrix, CSV', disabled: !shown, run: () => shown && save(textFile(matrixCsv(shown, names)), 'confusion.csv') },
    { label: 'Classes, CSV', disabled: !shown, run: () => shown && save(textFile(classesCsv(shown, names)), 'classes.csv') },
  ];
  const stale = error.value !== null && shown !== null && shown.step !== step.value;
  return (
    <div class="confusion-columns">
      <section class="panel" aria-label="Confusion matrix">
        <header class="panel-head">
          {!narrow && <h2 class="ellipsis">Errors by class pair</h2>}
          <span class="grow" />
          <Segmented label="Values" value={mode} options={MODES} onChange={(value) => (cellValues.value = value)} />
          <Select small label="Order of the classes" title="Order of the classes. By similarity: as the newest epoch confuses them, so that they stay in place while the epochs go by" value={order} options={ORDERS} onChange={(value) => (classOrder.value = value)} />
          <Menu small icon="more" label="More for the matrix" items={items} />
        </header>
        {error.value && <ErrorStrip what={error.value.message} hint={stale ? `${error.value.hint.replace(/\.$/, '')}. What is shown is of epoch ${shown.step}.` : error.value.hint} onRetry={retry} />}
        <div class={loading.value ? 'matrix-body waiting' : 'matrix-body'} aria-busy={loading.value}>
          {model && model.data.n === 0 && <Empty>No sample of the shown splits has a label: there is nothing to compare predictions with.</Empty>}
          {model && model.data.n > 0 && (
            <Matrix model={model} painter={painter} marked={picked.value?.cells ?? NO_CELLS} onChoose={(cell, add) => pick({ cells: [cell] }, add)} />
          )}
          {!model && !error.value && <Empty>Counting labels against predictions…</Empty>}
        </div>
      </section>
      <div class="confusion-side">
        <section class="panel" aria-label="Classes" style={{ maxHeight: `min(${28 * (names.length + 1) + 3}px, 58%)` }}>
          {shown && <ClassTable data={shown} narrow={narrow} />}
        </section>
        <Images choose="Choose a cell, a row or a column" />
      </div>
    </div>
  );
}
