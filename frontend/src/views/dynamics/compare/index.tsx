import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Segmented } from '../../../elements/segmented';
import { Empty, ErrorStrip } from '../../../elements/states';
import { comparePart, comparedStep, comparison, other, otherRecord, overlap, payload, shownPair, step, steps } from '../../../store';
import { fileName, textFile } from '../../confusion/files';
import { type Painter } from '../../confusion/matrix';
import { Tools } from '../../samples';
import { download } from '../../shared/download';
import { Menu, type MenuItem } from '../../shared/menu';
import { Changes } from './changes';
import { Chooser, compareWith, runOptions } from './chooser';
import { coordinatesCsv, disagreementCsv, overlapCsv, samplesCsv } from './files';
import { Layers, fitPlots, shownPlots } from './layers';
import { plotted } from './plots';
import { Predictions } from './predictions';
import { Statistics } from './statistics';
import './compare.css';

const PARTS = [
  { value: 'changes', label: 'Changes', title: 'The samples by what became of them' },
  { value: 'predictions', label: 'Predictions', title: 'What one predicts where the other predicts something else' },
  { value: 'layers', label: 'Layers', title: 'Which representation changed' },
];
const partOf = (): string => (PARTS.some(({ value }) => value === comparePart.value) ? comparePart.value : 'changes');

/** The shown run and epoch beside another run, or beside another of its epochs. */
export function Compare(): JSX.Element {
  const painter = useRef<Painter | null>(null);
  const part = partOf();
  const found = comparison.data.value;
  const failed = [otherRecord, comparison].find(({ error }) => error.value !== null);
  const name = otherName();
  const waiting = comparison.loading.value || (found !== null && (found.step !== step.value || found.against.step !== comparedStep.value));
  return (
    <div class="view-body compare">
      <div class="compare-head">
        <Chooser />
        <span class="grow" />
        {found && <Segmented label="What is shown" value={part} options={PARTS} onChange={(value) => (comparePart.value = value)} />}
        {found && <Exports painter={painter} part={part} />}
      </div>
      {failed?.error.value && <ErrorStrip what={failed.error.value.message} hint={failed.error.value.hint} onRetry={failed.retry} />}
      {other.value === null && <Nothing />}
      {other.value !== null && !found && !failed && <Empty>Matching the samples…</Empty>}
      {found && (
        <>
          <Statistics found={found} name={name} />
          <div class={waiting ? 'compare-part waiting' : 'compare-part'} aria-busy={waiting}>
            {part === 'changes' && <Changes found={found} />}
            {part === 'predictions' && <Predictions found={found} painter={painter} />}
            {part === 'layers' && <Layers name={name} />}
          </div>
        </>
      )}
    </div>
  );
}

/** For the head of the view. */
export function CompareTools(): JSX.Element | null {
  return partOf() === 'layers' && comparison.data.value ? <Tools onFit={fitPlots} /> : null;
}

/** What the other is called: its run, or an epoch of this one. */
function otherName(): string {
  if (other.value === payload.value?.run) return `epoch ${comparedStep.value ?? ''}`;
  return otherRecord.data.value?.payload.name ?? other.value ?? '';
}

function Nothing(): JSX.Element {
  const [first, ...rest] = runOptions().filter(({ value }) => value !== '');
  if (!first) return <Empty>No run is shown.</Empty>;
  const alone = rest.length === 0;
  if (alone && steps.value.length < 2) return <Empty>There is no other run here, and only one epoch: log another, and compare it with this one.</Empty>;
  return (
    <Empty action={{ label: alone ? 'Compare with the epoch before' : `Compare with ${first.label}`, onClick: () => compareWith(first.value) }}>
      Choose another run, or another epoch of this one: what changed for each sample, where their predictions differ, and which layer moved shows here.
    </Empty>
  );
}

function Exports({ painter, part }: { painter: { current: Painter | null }; part: string }): JSX.Element {
  const save = (blob: Blob | null, what: string): void => void (blob && download(blob, fileName(`against-${otherName()}-epoch-${comparedStep.peek() ?? ''}-${what}`)));
  const text = (made: string, what: string): void => save(textFile(made), `${what}.csv`);
  const found = comparison.data.value;
  const [own, there] = shownPlots.value;
  const items: MenuItem[] = [{ label: 'Matched samples, CSV', disabled: !found, run: () => found && text(samplesCsv(found), 'samples') }];
  if (part === 'predictions') {
    items.push(
      { label: 'Matrix, PNG', disabled: !found, run: () => painter.current?.().toBlob((blob) => save(blob, 'predictions.png')) },
      { label: 'Matrix, CSV', disabled: !found, run: () => found && text(disagreementCsv(found), 'predictions') },
    );
  }
  if (part === 'layers') {
    const [pair, shares] = [plotted.value, overlap.data.value];
    const words = (name: string): [string, string] => [name, shownPair.peek()?.layer ?? ''];
    items.push(
      { label: 'Plot of this run, PNG', disabled: !own || !pair, run: () => void own?.toPng(words('this run')).then((blob) => save(blob, 'this-run.png')) },
      { label: 'Plot of the other, PNG', disabled: !there || !pair, run: () => void there?.toPng(words(otherName())).then((blob) => save(blob, 'other.png')) },
      { label: 'Coordinates, CSV', disabled: !pair || !found, run: () => pair && found && text(coordinatesCsv(pair, found.index), 'coordinates') },
      { label: 'Common neighbours, CSV', disabled: !shares, run: () => shares && text(overlapCsv(shares), 'neighbours') },
    );
  }
  return <Menu small icon="more" label="More for the comparison" items={items} />;
}
