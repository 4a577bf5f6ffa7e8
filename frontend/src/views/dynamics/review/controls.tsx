import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { formatCount } from '../../../format';
import { say } from '../../../frame/toast';
import {
  type VerdictWord,
  SampleSet,
  classPairs,
  decidedCount,
  exportVerdicts,
  focused,
  importVerdicts,
  judgedSet,
  pairFilter,
  payload,
  queue,
  ranking,
  reasonCounts,
  reasonFilter,
  reviewed,
  sampleAt,
  selected,
  undecidedOnly,
  verdicts,
} from '../../../store';
import { download } from '../../shared/download';
import { Menu } from '../../shared/menu';
import { rankingCsv, savePicture } from './files';
import { LeavingSelect } from './leaving_select';
import { className } from './words';

/** The filters of the queue, how far the review has come, and its files. */
export function ReviewControls(): JSX.Element | null {
  if (!ranking.value) return null;
  const counts = reasonCounts.value;
  const all = counts.mislabelled + counts.hard;
  const pairs = classPairs.value.map(({ given, suggested, count }) => ({
    value: `${given}>${suggested}`,
    label: `${className(given)} → ${className(suggested)} (${formatCount(count)})`,
  }));
  return (
    <>
      <LeavingSelect small class="review-pair" label="Pair" caption value={pairs.some(({ value }) => value === pairFilter.value) ? pairFilter.value : ''} options={[{ value: '', label: `all class pairs (${formatCount(all)})` }, ...pairs]} onChange={(pair) => (pairFilter.value = pair)} />
      <LeavingSelect
        small
        class="review-reason"
        label="Reason"
        value={reasonFilter.value}
        options={[
          { value: '', label: `any reason (${formatCount(all)})` },
          { value: 'mislabelled', label: `probably mislabelled (${formatCount(counts.mislabelled)})` },
          { value: 'hard', label: `merely hard (${formatCount(counts.hard)})` },
        ]}
        onChange={(reason) => (reasonFilter.value = reason)}
      />
      <label class="review-undecided" title="Leave out what has a verdict">
        <input
          type="checkbox"
          checked={undecidedOnly.value}
          onChange={(event) => (undecidedOnly.value = event.currentTarget.checked)}
          onClick={(event) => event.detail > 0 && event.currentTarget.blur()}
        />
        <span>Undecided</span>
      </label>
      <span class="caption review-progress" role="status"><b>{formatCount(decidedCount.value)}</b> of {formatCount(reviewed.value.length)}<span class="wide"> reviewed</span></span>
      <Files />
    </>
  );
}

function Files(): JSX.Element {
  const picker = useRef<HTMLInputElement>(null);
  const tell = (work: Promise<string>): void => {
    void work.then((text) => text && say(text), (error: unknown) => say(error instanceof Error ? error.message : String(error)));
  };
  const name = (what: string): string => `${payload.value?.name ?? 'run'}-${what}.csv`.replace(/[^\w.-]+/g, '_');
  const offer = (text: string, what: string): string => {
    download(new Blob([text], { type: 'text/csv' }), name(what));
    return '';
  };
  const select = (word: VerdictWord): void => void (selected.value = judgedSet(word));
  const count = (word: VerdictWord): number => [...verdicts.value.values()].filter((verdict) => verdict.word === word).length;
  const choose = (word: VerdictWord, what: string): { label: string; disabled: boolean; run(): void } => ({
    label: `Select ${what} (${formatCount(count(word))})`,
    disabled: count(word) === 0,
    run: () => select(word),
  });
  return (
    <>
      <button type="button" class="button small" disabled={verdicts.value.size === 0} title={`All ${formatCount(verdicts.value.size)} verdicts on this probe set, for read_verdicts`} onClick={() => tell(exportVerdicts().then((text) => offer(text, 'verdicts')))}>
        Export CSV
      </button>
      <Menu
        small
        icon="more"
        label="More for the review"
        items={[
          { label: 'Import verdicts, CSV…', run: () => picker.current?.click() },
          { label: 'Ranking, CSV', run: () => void (ranking.value && tell(rankingCsv(ranking.value, reviewed.value).then((text) => offer(text, `label-errors-epoch-${ranking.value?.step}`)))) },
          { label: 'Scores over the epochs, PNG', disabled: focused.value === null, run: () => tell(savePicture(focused.peek() ?? -1)) },
          choose('relabel', 'relabelled'),
          choose('ambiguous', 'ambiguous'),
          choose('keep', 'kept'),
          { label: `Select the queue (${formatCount(queue.value.length)})`, disabled: queue.value.length === 0, run: () => void (selected.value = SampleSet.of(queue.peek().map(sampleAt), payload.peek()?.manifest.n_samples ?? 0)) },
        ]}
      />
      <input
        ref={picker}
        type="file"
        accept=".csv,text/csv"
        aria-label="File of verdicts"
        hidden
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file) tell(file.text().then(importVerdicts));
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}
