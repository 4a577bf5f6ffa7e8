import { type JSX } from 'preact';
import { Select } from '../../elements/select';
import { INPUTS, SampleSet, chooseSource, payload, selected, similarSource } from '../../store';

export const METRICS = [
  { value: 'cosine' as const, label: 'Cosine', title: '1 − cosine of the angle between the vectors' },
  { value: 'euclidean' as const, label: 'Euclidean', title: 'Length of the difference of the vectors' },
];

/** What samples are compared by. */
export function SourceSelect(): JSX.Element {
  const layers = payload.value?.manifest.embeddings.map(({ layer }) => ({ value: layer, label: layer })) ?? [];
  return (
    <Select small caption class="source" label="By" title="What samples are compared by" value={similarSource.value} options={[...layers, { value: INPUTS, label: INPUTS }]} onChange={chooseSource} />
  );
}

export function Check({ label, title, on, disabled = false }: { label: string; title: string; on: { value: boolean }; disabled?: boolean }): JSX.Element {
  return (
    <label class="check" title={title}>
      <input type="checkbox" checked={on.value && !disabled} disabled={disabled} onChange={() => (on.value = !on.value)} />
      {label}
    </label>
  );
}

export function selectThese(indices: readonly number[]): void {
  selected.value = SampleSet.of(indices, payload.peek()?.manifest.n_samples ?? 0);
}
