import { type JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import { IconButton } from '../elements/button';
import { EpochSlider } from '../elements/epoch_slider';
import { Popover } from '../elements/popover';
import { type OptionGroup, Select } from '../elements/select';
import { definitionOf, formatCount } from '../format';
import {
  colourBy,
  colourColumn,
  currentLink,
  derivedColumns,
  epochMarks,
  goToStep,
  hiddenClasses,
  live,
  moveStep,
  pageColumns,
  payload,
  playing,
  queryFocus,
  run,
  runs,
  shownSplits,
  step,
  stepPosition,
  steps,
  togglePlay,
  view,
} from '../store';
import { HelpButton } from './help';
import { useKey } from './keys';
import { SelectionMenu } from './selection_menu';
import { shareLink } from './toast';
import { narrow } from './width';

export function TopBar(): JSX.Element {
  useKey('/', 'Query', askQuery);
  return (
    <header class="bar">
      <RunSelect />
      <Transport />
      <EpochSlider marks={epochMarks.value} step={step.value} live={live.value} onMove={showStep} />
      <EpochField />
      <ColourSelect />
      <SelectionMenu />
      <span class="group">
        <IconButton icon="link" label="Copy a link to this view" onClick={() => void shareLink(currentLink())} />
        <HelpButton />
      </span>
    </header>
  );
}

function askQuery(): void {
  view.value = 'samples';
  queryFocus.value = true;
}

function showStep(wanted: number): void {
  playing.value = false;
  step.value = wanted;
}

function RunSelect(): JSX.Element {
  const known = runs.value.map((entry) => ({
    value: entry.run,
    label: entry.error === null ? entry.name : `${entry.name} (cannot be read)`,
  }));
  const wanted = run.value;
  const missing = wanted !== null && !known.some((option) => option.value === wanted);
  const options = missing ? [{ value: wanted, label: wanted }, ...known] : known;
  const select = (
    <Select
      label="Run"
      caption
      class="run"
      value={wanted ?? ''}
      title={options.find((option) => option.value === wanted)?.label ?? 'Run'}
      options={options}
      onChange={(value) => (run.value = value)}
    />
  );
  return narrow.value ? <RunMenu>{select}</RunMenu> : <>{select}<SplitSelect /></>;
}

/** In a narrow window one menu holds run and split. */
function RunMenu({ children }: { children: JSX.Element }): JSX.Element {
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  const name = runs.value.find((entry) => entry.run === run.value)?.name ?? run.value ?? 'none';
  const trigger = (
    <button type="button" class="control run" aria-expanded={open} title={name} onClick={() => setOpen(!open)}>
      <span class="key">Run</span>
      <span class="ellipsis grow">{name}</span>
      <span class="caret" aria-hidden="true">▾</span>
    </button>
  );
  return (
    <Popover open={open} onClose={close} label="Run and split" side="left" trigger={trigger}>
      <div class="stack">
        {children}
        <SplitSelect />
      </div>
    </Popover>
  );
}

const ALL = '';

function SplitSelect(): JSX.Element | null {
  const splits = payload.value?.manifest.splits ?? [];
  if (splits.length < 2) return null;
  const [first] = shownSplits.value;
  const everything = { value: ALL, label: splits.length === 2 ? 'both' : 'all' };
  const options = splits.map(({ name, count }) => ({ value: JSON.stringify(name), label: `${name} (${formatCount(count)})` }));
  const value = shownSplits.value.size === 1 ? JSON.stringify(first) : ALL;
  const show = (chosen: string): void => {
    const names = chosen === ALL ? splits.map((split) => split.name) : [JSON.parse(chosen) as string];
    shownSplits.value = new Set(names);
  };
  return <Select label="Split" caption class="split" value={value} options={[everything, ...options]} onChange={show} />;
}

function Transport(): JSX.Element {
  const still = steps.value.length < 2;
  return (
    <span class="group" role="group" aria-label="Epochs">
      <IconButton icon="previous" label="Previous epoch (,)" disabled={still || stepPosition.value <= 0} onClick={() => moveStep(-1)} />
      <IconButton icon={playing.value ? 'pause' : 'play'} label={playing.value ? 'Pause (Space)' : 'Play (Space)'} disabled={still} onClick={togglePlay} />
      <IconButton icon="next" label="Next epoch (.)" disabled={still || stepPosition.value >= steps.value.length - 1} onClick={() => moveStep(1)} />
    </span>
  );
}

function EpochField(): JSX.Element {
  const shown = step.value === null ? '' : String(step.value);
  const [draft, setDraft] = useState<string | null>(null);
  const commit = (): void => {
    const wanted = draft === null || draft.trim() === '' ? NaN : Number(draft);
    if (Number.isFinite(wanted)) {
      playing.value = false;
      goToStep(wanted);
    }
    setDraft(null);
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') commit();
    if (event.key === 'Escape') setDraft(null);
  };
  return (
    <label class="epoch" title="Epoch, counted from 0 as Keras's TensorBoard callback does">
      <span class="word">Epoch</span>
      <input
        type="text"
        inputMode="numeric"
        aria-label="Epoch"
        value={draft ?? shown}
        disabled={steps.value.length === 0}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onFocus={(event) => event.currentTarget.select()}
        onBlur={commit}
        onKeyDown={key}
      />
      <span class="muted">/ {steps.value.at(-1)?.step ?? '–'}</span>
    </label>
  );
}

function ColourSelect(): JSX.Element {
  const all = payload.value?.columns ?? [];
  const columns = all.filter((column) => column.kind !== 'text');
  const own = new Set(all.slice(all.length - (payload.value?.manifest.columns.length ?? 0)).map(({ name }) => name));
  const derived = new Set(payload.value ? derivedColumns(payload.value) : []);
  const group = (label: string, among: typeof columns): OptionGroup[] =>
    among.length ? [{ label, options: among.map(({ name, title }) => ({ value: name, label: title })) }] : [];
  const options = [
    ...group('Recorded', columns.filter((column) => !own.has(column.name) && !derived.has(column))),
    ...group('Derived', columns.filter((column) => derived.has(column))),
    ...group('Metadata', columns.filter(({ name }) => own.has(name))),
    ...group('Over the epochs', pageColumns().map(({ info }) => info.value)),
  ];
  const choose = (name: string): void => {
    hiddenClasses.value = new Set();
    colourBy.value = name;
  };
  const chosen = colourColumn.value;
  return (
    <Select label="Colour" caption class="colour" value={colourBy.value} title={chosen ? definitionOf(chosen) : 'Colour by'} options={options} onChange={choose} />
  );
}
