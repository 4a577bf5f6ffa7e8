import { type JSX } from 'preact';
import { IconButton } from '../../../elements/button';
import { type Option, type OptionGroup, Select } from '../../../elements/select';
import { comparedStep, other, otherBy, otherRecord, otherStep, otherSteps, payload, runs, step } from '../../../store';

/** What the shown run and epoch are compared with. */
export function Chooser(): JSX.Element {
  const own = other.value === payload.value?.run;
  return (
    <>
      <Select small caption label="With" class="compare-run" title="The run to compare with" value={other.value ?? ''} options={runOptions()} onChange={compareWith} />
      {other.value !== null && (
        <>
          <Select small caption label="epoch" class="compare-step" title="The epoch to compare with" value={stepValue()} options={stepOptions(own)} onChange={(value) => (otherStep.value = value === '' ? null : Number(value))} />
          {!own && <Select small caption label="by" class="compare-by" title="How samples of the two are matched" value={otherBy.value} options={wayOptions()} onChange={(value) => (otherBy.value = value)} />}
          <IconButton small icon="close" label="Stop comparing" onClick={() => compareWith('')} />
        </>
      )}
    </>
  );
}

export function compareWith(run: string): void {
  other.value = run === '' ? null : run;
  otherStep.value = null;
  otherBy.value = 'auto';
}

/** Runs that can be read, the shown one last: its own epochs. */
export function runOptions(): Option[] {
  const shown = payload.value;
  const others = runs.value.filter(({ run, error, n_steps: count }) => run !== shown?.run && error === null && count > 0);
  const unlisted = other.value !== null && other.value !== shown?.run && !others.some(({ run }) => run === other.value);
  return [
    { value: '', label: 'nothing' },
    ...others.map(({ run, name }) => ({ value: run, label: name })),
    ...(unlisted ? [{ value: other.value!, label: other.value! }] : []),
    ...(shown ? [{ value: shown.run, label: `${shown.name}, another epoch` }] : []),
  ];
}

function stepValue(): string {
  const known = otherSteps.value.some((entry) => entry.step === otherStep.value);
  return known ? String(otherStep.value) : '';
}

function stepOptions(own: boolean): (Option | OptionGroup)[] {
  const at = comparedStep.value;
  const follows = otherStep.value === null && at !== null;
  const same = own ? (at === step.value ? 'itself' : 'before') : at === step.value || !follows ? 'same' : 'nearest';
  return [
    { value: '', label: follows ? `${same} (${at})` : same },
    { label: 'logged', options: otherSteps.value.map((entry) => ({ value: String(entry.step), label: `${entry.step}` })) },
  ];
}

/** Ways, and the columns that both runs have. */
function wayOptions(): (Option | OptionGroup)[] {
  const [shown, there] = [payload.value, otherRecord.data.value?.payload];
  const keys = [shown, there].map((record) => [
    ...(record?.manifest.has_ids ? ['id'] : []),
    'source_index',
    ...(record?.manifest.columns.map(({ name }) => name) ?? []),
  ]);
  const shared = keys[0]!.filter((name) => keys[1]!.includes(name)).map((name) => ({ value: `column:${name}`, label: name }));
  const chosen = otherBy.value;
  const known = ['auto', 'position', 'image'].includes(chosen) || shared.some(({ value }) => value === chosen);
  return [
    { value: 'auto', label: 'what fits' },
    { value: 'position', label: 'position' },
    { value: 'image', label: 'image' },
    { label: 'column', options: known ? shared : [...shared, { value: chosen, label: chosen.replace(/^column:/, '') }] },
  ];
}
