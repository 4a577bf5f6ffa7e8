import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { Segmented } from '../../elements/segmented';
import { Select } from '../../elements/select';
import { Empty, ErrorStrip } from '../../elements/states';
import { formatCount } from '../../format';
import { type Cell, type Change, type Pair, changedError, changedPair, classOrder, comparedWith, confusion, linkedText, otherEpoch, payload, pick, picked, retryChanged, shownMask, step, steps } from '../../store';
import { download } from '../shared/download';
import { EpochSelect } from '../shared/epoch_select';
import { Menu, type MenuItem } from '../shared/menu';
import { svgPng } from '../shared/svg_png';
import { cellsCsv, differencesCsv, flowsCsv } from './change_files';
import { FlowPicture } from './change_flow';
import { CellList, FlowList, changesOfCell } from './change_list';
import { type Changes, KINDS, changeModel, changesOf } from './change_model';
import { fileName, textFile } from './files';
import { Images } from './images';
import { Matrix, type Painter } from './matrix';
import { ORDERS, valid } from './matrix_tab';
import { orderOf } from './model';

const PICTURES = [
  { value: 'matrix', label: 'Matrix', title: 'Counts at this epoch minus counts at the other' },
  { value: 'flow', label: 'Flow', title: 'From what was predicted to what is' },
];
const LISTS = [
  { value: 'flows', label: 'Flows', title: 'Which label’s predictions went from what to what' },
  { value: 'cells', label: 'Cells', title: 'Cells of the matrix by how much they changed' },
];
const shownPicture = linkedText('change.picture', 'matrix');
const shownList = linkedText('change.list', 'flows');
const ANY: Change = { label: null, before: null, after: null, kind: null };
const NONE: readonly Change[] = [];

/** What changed in the predictions from another epoch to the shown one. */
export function ChangeTab({ narrow }: { narrow: boolean }): JSX.Element {
  const names = payload.value?.manifest.class_names ?? [];
  const painter = useRef<Painter | null>(null);
  const flowSvg = useRef<SVGSVGElement>(null);
  const pair = useLast(changedPair.value);
  const mask = shownMask.value;
  const changes = useMemo(() => pair && changesOf(pair, mask, names.length), [pair, mask, names]);
  const sorted = valid(ORDERS, classOrder.value);
  const known = confusion.data.value;
  const order = useMemo(
    () => (known ? orderOf(sorted, known, names) : names.map((_, index) => index)),
    [sorted, known?.order, names],
  );
  const picture = valid(PICTURES, shownPicture.value);
  const list = valid(LISTS, shownList.value);
  const chosen = picked.value?.changes ?? NONE;
  const choose = (what: readonly Partial<Change>[], add: boolean): void => pick({ changes: what.map((change) => ({ ...ANY, ...change })) }, add);
  const error = changedError.value;
  const waiting = otherEpoch.value !== null && error === null && (pair === null || pair.to !== step.value || pair.from !== otherEpoch.value);
  const shown = otherEpoch.value === null ? null : changes;
  const nothing = shown !== null && shown.flows.length === 0;
  return (
    <div class="confusion-columns">
      <section class="panel" aria-label="What changed">
        <header class="panel-head">
          <EpochSelect label="From" title="The epoch to compare with" value={comparedWith.value} onChange={(value) => (comparedWith.value = value)} />
          <span class="caption ellipsis">→ epoch {step.value}{(otherEpoch.value ?? -1) > (step.value ?? 0) && ', backwards'}</span>
          <span class="grow" />
          <Segmented label="Picture" value={picture} options={PICTURES} onChange={(value) => (shownPicture.value = value)} />
          {!narrow && <Select small label="Order of the classes" value={sorted} options={ORDERS} onChange={(value) => (classOrder.value = value)} />}
          <Exports shown={shown} picture={picture} painter={painter} flowSvg={flowSvg} />
        </header>
        {error && <ErrorStrip what={error.message} hint={error.hint} onRetry={retryChanged} />}
        {shown && <Totals changes={shown} chosen={chosen} onChoose={(change, add) => choose([change], add)} />}
        <div class={waiting ? 'matrix-body waiting' : 'matrix-body'} aria-busy={waiting}>
          {otherEpoch.value === null && <NoOther />}
          {otherEpoch.value !== null && !shown && !error && <Empty>Comparing the predictions…</Empty>}
          {nothing && <Empty>{shown.n === 0 ? 'No sample of the shown splits has a label: nothing is right or wrong.' : 'No prediction changed between these two epochs.'}</Empty>}
          {shown && !nothing && picture === 'matrix' && <ChangeMatrix painter={painter} changes={shown} order={order} chosen={chosen} onChoose={choose} />}
          {shown && !nothing && picture === 'flow' && <FlowPicture svgRef={flowSvg} changes={shown} order={order} chosen={chosen} onChoose={(change, add) => choose([change], add)} />}
        </div>
      </section>
      <div class="confusion-side">
        <section class="panel change-list" aria-label="Changes, ranked">
          <header class="panel-head">
            <Segmented label="Rows" value={list} options={LISTS} onChange={(value) => (shownList.value = value)} />
            <span class="grow" />
            {shown && <span class="caption">{list === 'cells' ? 'by change' : `${formatCount(shown.flows.length)} ${shown.flows.length === 1 ? 'flow' : 'flows'}`}</span>}
          </header>
          {shown && !nothing && list === 'flows' && <FlowList changes={shown} narrow={narrow} chosen={chosen} onChoose={choose} />}
          {shown && !nothing && list === 'cells' && <CellList changes={shown} narrow={narrow} chosen={chosen} onChoose={choose} />}
        </section>
        <Images choose="Choose a cell, a band or a row" />
      </div>
    </div>
  );
}

/** The last that there was of the shown run. */
function useLast(now: Pair | null): Pair | null {
  const last = useRef<{ pair: Pair; of: string } | null>(null);
  const of = JSON.stringify([payload.value?.run, payload.value?.manifest.attempt]);
  if (now) last.current = { pair: now, of };
  return last.current?.of === of ? last.current.pair : null;
}

function NoOther(): JSX.Element {
  const next = steps.value[1];
  if (!next) return <Empty>Only one epoch is logged: what the next one changes shows here as soon as it ends.</Empty>;
  return (
    <Empty action={{ label: `Show epoch ${next.step}`, onClick: () => (step.value = next.step) }}>
      This is the first logged epoch: no epoch before it can be compared with.
    </Empty>
  );
}

interface TotalsProps {
  changes: Changes;
  chosen: readonly Change[];
  onChoose(change: Partial<Change>, add: boolean): void;
}

/** How many samples changed in which way; each selects its samples. */
function Totals({ changes, chosen, onChoose }: TotalsProps): JSX.Element {
  const { counts, n, unknown } = changes;
  const isChosen = (kind: Change['kind']): boolean =>
    chosen.some((one) => one.kind === kind && one.label === null && one.before === null && one.after === null);
  const left = unknown > 0 ? `; ${formatCount(unknown)} without a label left out` : '';
  const same = `unchanged: ${formatCount(counts.right)} ✓, ${formatCount(counts.wrong)} ✗${left}`;
  return (
    <div class="change-totals" role="group" aria-label="Samples by what changed">
      {KINDS.map(({ kind, title, short, sign }) => (
        <button key={kind} type="button" class={`change-total ${kind}`} title={`${title}: select these samples`} aria-pressed={isChosen(kind)} onClick={(event) => onChoose({ kind }, event.shiftKey)}>
          <i aria-hidden="true" /> <span class="kind">{sign}</span> <b>{formatCount(counts[kind])}</b> <span>{short}</span>
        </button>
      ))}
      <span class="caption ellipsis" title={`${same}; of ${formatCount(n)} labelled samples`}>{same}</span>
    </div>
  );
}

interface ChangeMatrixProps {
  painter: { current: Painter | null };
  changes: Changes;
  order: ArrayLike<number>;
  chosen: readonly Change[];
  onChoose(changes: readonly Partial<Change>[], add: boolean): void;
}

function ChangeMatrix({ painter, changes, order, chosen, onChoose }: ChangeMatrixProps): JSX.Element {
  const model = useMemo(() => changeModel(changes, order), [changes, order]);
  const marked = useMemo(() => markedCells(chosen), [chosen]);
  return <Matrix model={model} painter={painter} marked={marked} onChoose={({ label, prediction }: Cell, add) => onChoose(changesOfCell(label, prediction), add)} />;
}

/** Cells that a change leaves or comes into. */
export function markedCells(chosen: readonly Change[]): Cell[] {
  const cells = chosen.flatMap<Cell>(({ label, before, after }) => {
    if (before === null && after === null) return label === null ? [] : [{ label, prediction: null }];
    return [before, after].flatMap((prediction) => (prediction === null || prediction < 0 ? [] : [{ label, prediction }]));
  });
  return cells.filter((cell, k) => cells.findIndex(({ label, prediction }) => label === cell.label && prediction === cell.prediction) === k);
}

interface ExportsProps {
  shown: Changes | null;
  picture: string;
  painter: { current: Painter | null };
  flowSvg: { current: SVGSVGElement | null };
}

function Exports({ shown, picture, painter, flowSvg }: ExportsProps): JSX.Element {
  const names = payload.value?.manifest.class_names ?? [];
  const save = (blob: Blob | null, what: string): void => void (blob && shown && download(blob, fileName(`from-epoch-${shown.from}-${what}`)));
  const png = (): void => {
    if (picture === 'matrix') painter.current?.().toBlob((blob) => save(blob, 'change.png'));
    else if (flowSvg.current) void svgPng([flowSvg.current], flowSvg.current.closest('.panel')!).then((blob) => save(blob, 'flow.png'));
  };
  const disabled = shown === null || shown.flows.length === 0;
  const items: MenuItem[] = [
    { label: 'Picture, PNG', disabled, run: png },
    { label: 'Flows, CSV', disabled, run: () => shown && save(textFile(flowsCsv(shown, names)), 'flows.csv') },
    { label: 'Cells, CSV', disabled, run: () => shown && save(textFile(cellsCsv(shown, names)), 'cells.csv') },
    { label: 'Differences, CSV', disabled, run: () => shown && save(textFile(differencesCsv(shown, names)), 'differences.csv') },
  ];
  return <Menu small icon="more" label="More for what changed" items={items} />;
}
