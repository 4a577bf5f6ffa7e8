import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { Segmented } from '../../elements/segmented';
import { formatCount, formatValue } from '../../format';
import { type RunPayload, type SplitInfo } from '../../schema';
import { goToStep, steps } from '../../store';
import { Sheet } from './sheet';

type Tab = 'images' | 'values' | 'notes';

/** The data set: images by class, the values per split, and what there is to note. */
export function DataPanel({ shown }: { shown: RunPayload }): JSX.Element {
  const tab = useSignal<Tab>('images');
  const split = useSignal('');
  const { notices, manifest } = shown;
  const splits = manifest.splits.map(({ name }) => name);
  const chosen = splits.includes(split.value) ? split.value : (splits[0] ?? '');
  const notes = notices.length > 0 ? `Notes ${notices.length}` : 'Notes';
  return (
    <section class="panel data" aria-label="Data set">
      <header class="panel-head">
        <Segmented
          label="What to show of the data set"
          value={tab.value}
          options={[
            { value: 'images', label: 'Images' },
            { value: 'values', label: 'Values' },
            { value: 'notes', label: notes, title: 'What was reduced, warnings, and what the numbers leave out' },
          ]}
          onChange={(value) => (tab.value = value)}
        />
        {tab.value === 'images' && <Sheet.Head splits={splits} split={chosen} onSplit={(name) => (split.value = name)} />}
      </header>
      {tab.value === 'images' && <Sheet shown={shown} split={chosen} />}
      {tab.value === 'values' && <Values shown={shown} />}
      {tab.value === 'notes' && <Notes shown={shown} />}
    </section>
  );
}

const CHANNELS = 8;

function perChannel(values: readonly number[]): JSX.Element | string {
  const all = values.map(formatValue);
  if (all.length <= CHANNELS) return all.join(', ');
  return <span title={all.join(', ')}>{all.slice(0, CHANNELS).join(', ')}, … ({formatCount(all.length)})</span>;
}

function Values({ shown }: { shown: RunPayload }): JSX.Element {
  const { input, splits } = shown.manifest;
  const facts: [string, (split: SplitInfo) => JSX.Element | string][] = [
    ['watched', (split) => formatCount(split.count)],
    ['in all', (split) => formatCount(split.total)],
    ['lowest', (split) => formatValue(split.low)],
    ['highest', (split) => formatValue(split.high)],
    [input.shape[2] === 1 ? 'mean' : 'channel means', (split) => perChannel(split.channel_means)],
    [input.shape[2] === 1 ? 'deviation' : 'channel deviations', (split) => perChannel(split.channel_stds)],
    ['NaN or infinite', (split) => (split.non_finite ? <span class="warning">{formatCount(split.non_finite)}</span> : '0')],
  ];
  return (
    <div class="data-body">
      <table class="facts values">
        <thead>
          <tr>
            <th scope="col">input values</th>
            {splits.map((split) => <th key={split.name} scope="col" class="number">{split.name}</th>)}
          </tr>
        </thead>
        <tbody>
          {facts.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {splits.map((split) => <td key={split.name} class="number">{value(split)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="caption data-text">
        Of the watched samples, as the network is given them ({input.dtype}). Pictures show {formatValue(input.display_low)} as black and {formatValue(input.display_high)} as white
        {input.display === 'stretched' ? ': the range of the data itself, since it is none of the usual ones; the inspector shows 1 to 99% of each image' : ''}.
      </p>
      <Warnings sentences={shown.manifest.warnings} />
    </div>
  );
}

function Warnings({ sentences }: { sentences: readonly string[] }): JSX.Element | null {
  if (sentences.length === 0) return null;
  return (
    <ul class="sentences">
      {sentences.map((sentence) => <li key={sentence} class="warning-mark">{sentence}</li>)}
    </ul>
  );
}

function Notes({ shown }: { shown: RunPayload }): JSX.Element {
  const { manifest, notices } = shown;
  const warned = new Set(manifest.warnings);
  const kept = steps.value.filter((entry) => entry.model !== null);
  const restored = steps.value.filter((entry) => entry.restored_from !== null);
  return (
    <div class="data-body">
      <ul class="sentences">
        {notices.map((notice) => <li key={notice} class={warned.has(notice) ? 'warning-mark' : ''}>{notice}</li>)}
        {restored.map((entry) => (
          <li key={entry.step}>Epoch {entry.step} was recorded after the weights of epoch {entry.restored_from} had been restored.</li>
        ))}
        <li>The stored loss is the cross-entropy of each sample in nats; it leaves sample and class weights out.</li>
        {manifest.objective && <li>The compiled loss, {manifest.loss}, is another one: it is stored beside it as the objective.</li>}
        <li>Everything is recorded in inference mode: Dropout is off and BatchNorm uses its moving statistics.</li>
        <li>
          {kept.length === 0 ? 'No model is kept beside the record.' : 'Models kept, by epoch: '}
          {kept.map((entry) => (
            <button key={entry.step} type="button" class="button small kept" title={entry.model ?? ''} onClick={() => goToStep(entry.step)}>
              {entry.step}
            </button>
          ))}
        </li>
      </ul>
    </div>
  );
}
