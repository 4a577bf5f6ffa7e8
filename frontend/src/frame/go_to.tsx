/** Picks a sample by its index, by its place in the user's data, by its id, or at random. */

import { signal } from '@preact/signals';
import { type JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Popover } from '../elements/popover';
import { Select } from '../elements/select';
import { ErrorStrip } from '../elements/states';
import { type ApiError, asApiError, findIds, isStale } from '../api';
import { formatCount, formatOrdinal } from '../format';
import { column, payload, pickSample, shownMask, step } from '../store';
import { SampleThumbnail } from '../views/shared/sample_thumbnail';
import { drawn, findSource, membersOf } from './picking';
import './go_to.css';

const MOST_FOUND = 8;

export const goToOpen = signal(false);
const label = signal(-1);
const seed = signal(0);
const draws = signal(0);

export function GoTo(): JSX.Element {
  const close = useCallback(() => void (goToOpen.value = false), []);
  return (
    <div class="go-to">
      <Popover open={goToOpen.value} onClose={close} label="Pick a sample" trigger={null}>
        <ByIndex onDone={close} />
        <BySource onDone={close} />
        {payload.value?.manifest.has_ids && <ById onDone={close} />}
        <AtRandom />
      </Popover>
    </div>
  );
}

interface FieldProps {
  label: string;
  placeholder: string;
  focus?: boolean;
  numeric?: boolean;
  /** What is wrong with the text, or null. */
  onEnter(text: string): string | null;
}

/** A line that is answered on Enter; what is wrong with it is told below. */
function Field({ label: name, placeholder, focus, numeric, onEnter }: FieldProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => (focus ? input.current?.focus() : undefined), []);
  const key = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') setProblem(onEnter(input.current?.value.trim() ?? ''));
  };
  return (
    <>
      <input
        ref={input}
        class="text-field"
        type="text"
        inputMode={numeric ? 'numeric' : 'text'}
        aria-label={name}
        aria-invalid={problem !== null}
        placeholder={placeholder}
        onInput={() => setProblem(null)}
        onKeyDown={key}
      />
      {problem !== null && <p class="caption wrong" role="alert">{problem}</p>}
    </>
  );
}

function ByIndex({ onDone }: { onDone(): void }): JSX.Element {
  const total = payload.value?.manifest.n_samples ?? 0;
  const go = (text: string): string | null => {
    const wanted = text.replace(/^#/, '').replaceAll(',', '');
    if (!/^\d+$/.test(wanted) || Number(wanted) >= total) {
      return `'${text.slice(0, 24)}' is no sample: indices go from 0 to ${formatCount(total - 1)}.`;
    }
    pickSample(Number(wanted));
    onDone();
    return null;
  };
  return (
    <section>
      <h2>Index</h2>
      <Field focus numeric label="Index" placeholder={`0 to ${formatCount(total - 1)}, then Enter`} onEnter={go} />
    </section>
  );
}

function BySource({ onDone }: { onDone(): void }): JSX.Element {
  const splits = payload.value?.manifest.splits ?? [];
  const [name, setName] = useState(splits[0]?.name ?? '');
  const split = splits.find((entry) => entry.name === name) ?? splits[0];
  const sources = column('source_index').data.value?.values;
  const go = (text: string): string | null => {
    if (!split || !sources) return 'The source indices are still on their way: try again.';
    const found = findSource(sources, split, Number(text.replaceAll(',', '') || NaN));
    if (found === null) {
      return `Source '${text.slice(0, 24)}' of ${split.name} is not watched: ${formatCount(split.count)} of its ${formatCount(split.total)} are.`;
    }
    pickSample(found);
    onDone();
    return null;
  };
  return (
    <section>
      <h2>Source index</h2>
      <div class="row">
        {splits.length > 1 && (
          <Select small label="Split" value={name} options={splits.map((entry) => ({ value: entry.name, label: entry.name }))} onChange={setName} />
        )}
        <span class="grow">
          <Field numeric label="Source index" placeholder="Index in your data" onEnter={go} />
        </span>
      </div>
    </section>
  );
}

function ById({ onDone }: { onDone(): void }): JSX.Element {
  const [found, setFound] = useState<Int32Array | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const find = (text: string): string | null => {
    const shown = payload.peek();
    const at = step.peek();
    if (text === '' || !shown || at === null) return 'Type a part of the id.';
    findIds(shown.run, at, text).then(
      (members) => (setFound(members), setError(null)),
      (reason: unknown) => !isStale(reason) && setError(asApiError(reason)),
    );
    return null;
  };
  return (
    <section>
      <h2>Id</h2>
      <Field label="Part of the id" placeholder="Part of the id, then Enter" onEnter={find} />
      {error && <ErrorStrip what={error.message} hint={error.hint} />}
      {found && (
        <p class="caption">
          {found.length === 0 ? 'No id holds this.' : found.length > MOST_FOUND ? `The first ${MOST_FOUND} of ${formatCount(found.length)}` : ''}
        </p>
      )}
      <div class="row wrap">
        {Array.from(found?.slice(0, MOST_FOUND) ?? [], (index) => (
          <button key={index} type="button" class="neighbor" aria-label={`Sample ${index}`} onClick={() => (pickSample(index), onDone())}>
            <SampleThumbnail index={index} size={52} />
            <span>#{index}</span>
          </button>
        ))}
      </div>
    </section>
  );
}

function AtRandom(): JSX.Element {
  const names = payload.value?.manifest.class_names ?? [];
  const labels = column('label').data.value?.values;
  const members = labels ? membersOf(labels, label.value, shownMask.value) : null;
  const next = (): void => {
    const index = members && drawn(members, seed.peek(), draws.peek());
    if (index === null) return;
    pickSample(index);
    draws.value++;
  };
  const choose = (change: () => void): void => {
    change();
    draws.value = 0;
  };
  const options = [{ value: '-1', label: 'any class' }, ...names.map((name, at) => ({ value: String(at), label: name }))];
  return (
    <section>
      <h2>Random sample</h2>
      <div class="row">
        <Select small class="grow" label="Class of the random sample" value={String(label.value)} options={options} onChange={(value) => choose(() => (label.value = Number(value)))} />
        <label class="seed">
          <span class="muted">Seed</span>
          <input class="text-field" type="number" min={0} step={1} value={seed.value} onChange={(event) => choose(() => (seed.value = Math.abs(Math.trunc(Number(event.currentTarget.value))) || 0))} />
        </label>
        <button type="button" class="button small" disabled={!members || members.length === 0} onClick={next}>
          {draws.value === 0 ? 'Draw' : 'Next'}
        </button>
      </div>
      {members && (
        <p class="caption">
          {members.length === 0
            ? 'No sample of this class in the shown splits.'
            : draws.value === 0
              ? `Of ${formatCount(members.length)} in the shown splits, without repeats`
              : `${formatOrdinal((draws.value - 1) % members.length + 1)} of ${formatCount(members.length)}, seed ${seed.value}`}
        </p>
      )}
    </section>
  );
}
