import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type Job, type Method, type MethodName } from '../../api';
import { IconButton } from '../../elements/button';
import { Popover } from '../../elements/popover';
import { Segmented } from '../../elements/segmented';
import { Select } from '../../elements/select';
import { formatCount, formatPercent } from '../../format';
import { payload } from '../../store';
import { METHOD_TITLES, MOST_EXACT, type Parameter, bounds, methodWords, parametersOf } from '../../store/methods';
import { INPUTS, type Side } from './state';

const METHODS = (Object.keys(METHOD_TITLES) as MethodName[]).map((value) => ({ value, label: METHOD_TITLES[value] }));

const WHAT: Readonly<Record<MethodName, string>> = {
  pca: 'Principal components: the two directions of the greatest variance',
  tsne: 't-SNE: keeps near neighbours together; distances between groups mean little',
  umap: 'UMAP: keeps near neighbours together; distances between groups mean little',
};

const FIELDS: Readonly<Record<Parameter, { label: string; title: string }>> = {
  n: { label: 'Samples', title: 'How many are drawn, stratified by label' },
  seed: { label: 'Seed', title: 'Which samples are drawn, and the method’s own randomness' },
  perplexity: { label: 'Perplexity', title: 'About how many neighbours each sample is held near to' },
  neighbors: { label: 'Neighbours', title: 'How many neighbours each sample is held near to' },
  minDistance: { label: 'Least distance', title: 'How tightly neighbours are packed' },
};

/** Which method lays a plot out, and its parameters. */
export function MethodControls({ side, label }: { side: Side; label: string }): JSX.Element {
  const [open, setOpen] = useState(false);
  const method = side.method.value;
  return (
    <>
      <Select
        small
        class="method"
        label={`Method of the ${label}`}
        title={WHAT[method.method]}
        value={method.method}
        options={METHODS}
        onChange={(name) => side.chooseMethod(name as MethodName)}
      />
      {method.method !== 'pca' && (
        <Popover
          open={open}
          onClose={() => setOpen(false)}
          side="left"
          label={`Parameters of the ${label}`}
          trigger={
            <IconButton small icon="adjust" label={`Parameters: ${methodWords(method)}`} expanded={open} onClick={() => setOpen(!open)} />
          }
        >
          <Parameters side={side} onRun={() => setOpen(false)} />
        </Popover>
      )}
    </>
  );
}

type Draft = Readonly<Record<Parameter, string>>;

function draftOf(method: Method): Draft {
  const { n, seed, perplexity, neighbors, minDistance } = method;
  const text = { n, seed, perplexity, neighbors, minDistance };
  return Object.fromEntries(Object.entries(text).map(([name, value]) => [name, String(value)])) as Record<Parameter, string>;
}

/** What is wrong with a field's text, or null. */
export function fieldProblem(name: Parameter, text: string, n: number, of: number): string | null {
  const { min, max, step } = bounds(name, n, of);
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isFinite(value) && value >= min && value <= max && (step < 1 || Number.isInteger(value))) return null;
  const range = max > 1e6 ? `from ${min}` : `${min} to ${name === 'n' ? formatCount(max) : max}`;
  const why = name === 'perplexity' ? ` for ${formatCount(n)} samples` : '';
  return `${step === 1 ? 'A whole number' : 'A number'}, ${range}${why}`;
}

function Parameters({ side, onRun }: { side: Side; onRun(): void }): JSX.Element {
  const method = side.method.value;
  const of = payload.value?.manifest.n_samples ?? 0;
  const draft = useSignal(draftOf(method));
  const metric = useSignal(method.metric);
  const aligned = useSignal(method.aligned);
  const pull = useSignal(method.pull);
  const still = side.source.value === INPUTS;
  const names = parametersOf(method.method);
  const n = Number(draft.value.n);
  const problems = names.map((name) => fieldProblem(name, draft.value[name], Number.isInteger(n) ? n : of, of));
  const ready = problems.every((problem) => problem === null);
  const run = (event: Event): void => {
    event.preventDefault();
    if (!ready) return;
    const numbers = Object.fromEntries(names.map((name) => [name, Number(draft.value[name])]));
    const wanted: Method = { ...method, ...numbers, metric: metric.value, aligned: aligned.value, pull: pull.value };
    const same = JSON.stringify(wanted) === JSON.stringify(method);
    if (same) side.shown.run();
    else side.setMethod(wanted);
    onRun();
  };
  return (
    <form class="parameters" onSubmit={run}>
      {names.map((name, k) => (
        <label key={name} title={FIELDS[name].title}>
          <span>{FIELDS[name].label}</span>
          <input
            type="text"
            inputMode="decimal"
            aria-label={FIELDS[name].label}
            aria-invalid={problems[k] !== null}
            value={draft.value[name]}
            onInput={(event) => (draft.value = { ...draft.value, [name]: event.currentTarget.value })}
          />
          {problems[k] && <span class="warning problem" role="alert">{problems[k]}</span>}
        </label>
      ))}
      <Segmented
        label="Metric"
        value={metric.value}
        options={[{ value: 'euclidean', label: 'Euclidean' }, { value: 'cosine', label: 'Cosine' }]}
        onChange={(value) => (metric.value = value)}
      />
      <label class="choice" title={still ? 'The inputs are the same at all epochs' : 'Each epoch goes on from where the one before left the points: they can be followed'}>
        <input type="checkbox" checked={aligned.value && !still} disabled={still} onChange={(event) => (aligned.value = event.currentTarget.checked)} />
        Aligned over epochs
      </label>
      {aligned.value && !still && (
        <label class="pull" title="How strongly points whose neighbours stayed are held where they were: 0 not at all, 1 wholly">
          <span>Pull</span>
          <input type="range" min={0} max={1} step={0.05} value={pull.value} aria-label="Pull towards the epoch before" onInput={(event) => (pull.value = Number(event.currentTarget.value))} />
          <span class="number">{pull.value.toFixed(2)}</span>
        </label>
      )}
      {n > MOST_EXACT && method.method === 'tsne' && (
        <span class="caption">Above {formatCount(MOST_EXACT)} samples t-SNE is approximated and takes minutes.</span>
      )}
      <button type="submit" class="button" disabled={!ready}>Run</button>
    </form>
  );
}

/** How far a layout is, and the way to stop it or to begin again. */
export function JobState({ side, label }: { side: Side; label: string }): JSX.Element | null {
  const job = side.shown.job.value;
  if (job === null) return null;
  if (job.state === 'cancelled') {
    return (
      <span class="job">
        <span class="caption">cancelled</span>
        <button type="button" class="button small" onClick={() => side.shown.run()}>Run</button>
      </span>
    );
  }
  const epochs = side.shown.epochs.value;
  const said = epochs ? epochWords(epochs) : jobWords(job);
  return (
    <span class="job">
      <span class="meter" role="progressbar" aria-label={`Layout of the ${label}`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(100 * job.progress)} title={said}>
        <span style={{ width: `${100 * Math.min(1, epochs ? epochs.done / Math.max(1, epochs.total) : job.progress)}%` }} />
      </span>
      <span class="caption time">{said}</span>
      <IconButton small icon="close" label={`Cancel the layout of the ${label}`} onClick={() => side.shown.cancel()} />
    </span>
  );
}

/** `epochs 4 of 15`. */
export function epochWords({ done, total }: { done: number; total: number }): string {
  return `epochs ${formatCount(done)} of ${formatCount(total)}`;
}

export function jobWords({ state, progress, secondsLeft }: Pick<Job, 'state' | 'progress' | 'secondsLeft'>): string {
  if (state === 'queued') return 'queued';
  if (secondsLeft === null) return `${formatPercent(progress, 0)} done`;
  const seconds = Math.max(1, Math.round(secondsLeft));
  return seconds < 90 ? `${seconds} s left` : `${Math.round(seconds / 60)} min left`;
}
