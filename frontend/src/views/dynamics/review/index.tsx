import { type JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Empty, ErrorStrip, sentence } from '../../../elements/states';
import { formatCount } from '../../../format';
import { useFoldedInspector } from '../../../frame/folding';
import { type KeyBinding, registerKeys } from '../../../frame/keys';
import {
  LEAST_EPOCHS,
  SampleSet,
  cancelRanking,
  column,
  decide,
  focused,
  goToStep,
  moveInQueue,
  ranking,
  rankingError,
  rankingJob,
  relabelTarget,
  runRanking,
  selected,
  startReview,
  step,
  stepPosition,
  steps,
  suggestedClass,
  undoDecision,
  undoSelection,
  verdictsNotStored,
} from '../../../store';
import { ClassExamples } from './class_examples';
import { Queue } from './queue';
import { Subject } from './subject';
import './review.css';

const KEYS: readonly KeyBinding[] = [
  { key: 'k', label: 'Review: keep the label', action: () => decide('keep') },
  { key: 'r', label: 'Review: relabel', action: () => decide('relabel') },
  { key: 'm', label: 'Review: ambiguous', action: () => decide('ambiguous') },
  { key: 'ArrowRight', label: '', action: () => moveInQueue(1) },
  { key: 'ArrowDown', label: '', action: () => moveInQueue(1) },
  { key: 'ArrowLeft', label: '', action: () => moveInQueue(-1) },
  { key: 'ArrowUp', label: '', action: () => moveInQueue(-1) },
  { key: 'z', mod: true, label: '', action: () => void (undoDecision() || undoSelection()) },
  { key: 'Escape', label: '', action: () => void (selected.value = SampleSet.EMPTY) },
];

/** Goes through the samples whose label is probably wrong, by keyboard. */
export function LabelReview(): JSX.Element {
  const root = useRef<HTMLDivElement>(null);
  useFoldedInspector();
  useEffect(startReview, []);
  // Before anything can be pressed. A press on the tab would leave the arrows to the tabs.
  useLayoutEffect(() => registerKeys(KEYS), []);
  useLayoutEffect(() => {
    if (document.activeElement?.matches(':not(:focus-visible)')) root.current?.focus();
  }, []);
  const { value: found } = ranking;
  return (
    <div class="view-body review-body" ref={root} tabIndex={-1}>
      <Problems />
      {stepPosition.value + 1 < LEAST_EPOCHS ? <TooEarly /> : !found ? <Ranking /> : found.index.length === 0 ? <Nothing /> : <Columns />}
    </div>
  );
}

function Columns(): JSX.Element {
  const index = focused.value ?? -1;
  const label = column('label').data.value?.values[index] ?? -1;
  const to = relabelTarget.value;
  return (
    <div class="review">
      <Queue />
      <Subject />
      <div class="review-classes">
        {label >= 0 && <ClassExamples title="Given" of={label} />}
        {to >= 0 && <ClassExamples title={to === suggestedClass.value ? 'Suggested' : 'Chosen'} of={to} />}
      </div>
    </div>
  );
}

function Problems(): JSX.Element {
  const error = rankingError.value;
  return (
    <>
      {error && <ErrorStrip what={error.message} hint={error.hint} onRetry={runRanking} />}
      {verdictsNotStored.value && (
        <ErrorStrip what="This browser refuses to keep the verdicts: its storage is full or forbidden" hint="They stay until the page is left: export them before" />
      )}
    </>
  );
}

function TooEarly(): JSX.Element {
  const epochs = stepPosition.value + 1;
  const third = steps.value[LEAST_EPOCHS - 1]?.step;
  const there = `The ranking needs ${LEAST_EPOCHS} logged epochs; ${third === undefined ? 'there' : `up to epoch ${step.value} there`} ${epochs === 1 ? 'is 1' : `are ${epochs}`}`;
  if (third === undefined) return <Empty>{there}: it shows here as soon as the {LEAST_EPOCHS}rd ends.</Empty>;
  const last = steps.value.at(-1)?.step ?? third;
  return <Empty action={{ label: `Go to epoch ${last}`, onClick: () => goToStep(last) }}>{there}.</Empty>;
}

function Ranking(): JSX.Element | null {
  const job = rankingJob.value;
  if (rankingError.value) return null;
  if (job?.state === 'cancelled') return <Empty action={{ label: 'Rank them', onClick: runRanking }}>Cancelled.</Empty>;
  const progress = job?.progress ?? 0;
  const left = job?.secondsLeft ? `, ${formatCount(Math.ceil(job.secondsLeft))} s left` : '';
  return (
    <div class="empty" role="status">
      <p>{job?.state === 'queued' ? 'Waiting for other work' : 'Ranking the samples by how probably their label is wrong'}{left}</p>
      {job && (
        <span class="meter" role="progressbar" aria-label="Ranking" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(100 * progress)}>
          <span style={{ width: `${100 * progress}%` }} />
        </span>
      )}
      {job && <button type="button" class="button" onClick={cancelRanking}>Cancel</button>}
    </div>
  );
}

function Nothing(): JSX.Element {
  const [n, scored] = [ranking.value?.n ?? 0, ranking.value?.scored ?? 0];
  const notes = ranking.value?.notes.map(sentence).join(' ') ?? '';
  if (n === 0) return <Empty>No watched sample has a label.</Empty>;
  if (scored === 0) return <Empty>{notes || 'No sample of the shown splits could be ranked.'}</Empty>;
  return <Empty>Nothing speaks against the label of any of the {formatCount(scored)} ranked samples at this epoch. {notes}</Empty>;
}
