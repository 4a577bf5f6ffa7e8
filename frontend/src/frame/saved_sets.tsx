/** What is kept under names: to use, to combine with the selection, to write and to read as a file. */

import { type JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { IconButton } from '../elements/button';
import { formatCount } from '../format';
import {
  type Collection,
  LONGEST_NAME,
  type Named,
  SampleSet,
  exportCollections,
  forget,
  importCollections,
  namedSets,
  payload,
  selected,
  tags,
  tidyName,
} from '../store';
import { download } from '../views/shared/download';

export interface NameFieldProps {
  label: string;
  placeholder: string;
  known: Named;
  /** The first one is what Enter does. */
  actions: readonly { label: string; disabled: boolean; run(name: string): void }[];
}

export function NameField({ label, placeholder, known, actions }: NameFieldProps): JSX.Element {
  const [name, setName] = useState('');
  const empty = tidyName(name) === '';
  const act = (run: (name: string) => void): void => {
    run(tidyName(name));
    setName('');
  };
  const [first] = actions;
  return (
    <form
      class="button-row"
      onSubmit={(event) => {
        event.preventDefault();
        if (first && !first.disabled && !empty) act(first.run);
      }}
    >
      <input
        type="text"
        class="text-field grow"
        aria-label={label}
        placeholder={placeholder}
        maxLength={LONGEST_NAME}
        list={`known-${label}`}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <datalist id={`known-${label}`}>
        {[...known.keys()].map((word) => <option key={word} value={word} />)}
      </datalist>
      {actions.map((action, k) => (
        <button
          key={action.label}
          type={k === 0 ? 'submit' : 'button'}
          class="button small"
          disabled={action.disabled || empty}
          onClick={k === 0 ? undefined : () => act(action.run)}
        >
          {action.label === 'Keep' && known.has(tidyName(name)) ? 'Replace' : action.label}
        </button>
      ))}
    </form>
  );
}

interface CollectionRowsProps {
  collection: Collection;
  named: Named;
  /** The query's function for it. */
  call: 'set' | 'tag';
}

const COMBINE: readonly { sign: string; what: string; join(now: SampleSet, set: SampleSet): SampleSet }[] = [
  { sign: '+', what: 'Add to the selection', join: (now, set) => now.plus(set) },
  { sign: '−', what: 'Take from the selection', join: (now, set) => now.minus(set) },
  { sign: '∩', what: 'Keep only those also in', join: (now, set) => now.and(set) },
];

export function CollectionRows({ collection, named, call }: CollectionRowsProps): JSX.Element {
  return (
    <ul class="collection-rows">
      {[...named].map(([name, set]) => (
        <li key={name}>
          <button type="button" class="use grow" title={`Select ${name} (in a query: ${call}("…"))`} onClick={() => (selected.value = set)}>
            <span class="ellipsis grow">{name}</span>
            <span class="muted">{formatCount(set.size)}</span>
          </button>
          {COMBINE.map(({ sign, what, join }) => (
            <button
              key={sign}
              type="button"
              class="sign"
              title={`${what}: ${name}`}
              aria-label={`${what}: ${name}`}
              onClick={() => (selected.value = join(selected.peek(), set))}
            >
              {sign}
            </button>
          ))}
          <IconButton small icon="close" label={`Delete the ${call} ${name}`} onClick={() => forget(collection, name)} />
        </li>
      ))}
    </ul>
  );
}

/** Sets and tags as CSV, to a file and back; says what a file's rows did not match. */
export function CollectionFiles(): JSX.Element {
  const picker = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState('');
  const tell = (work: Promise<string>): void => {
    work.then(setSaid, (error: unknown) => setSaid(error instanceof Error ? error.message : String(error)));
  };
  const write = async (): Promise<string> => {
    const text = await exportCollections();
    download(new Blob([text], { type: 'text/csv' }), `${payload.value?.name ?? 'run'}-sets-and-tags.csv`.replace(/[^\w.-]+/g, '_'));
    return '';
  };
  const nothing = namedSets.value.size + tags.value.size === 0;
  return (
    <>
      <h2>Sets and tags as a file</h2>
      <div class="button-row">
        <button type="button" class="button small" disabled={nothing} onClick={() => tell(write())}>Export CSV</button>
        <button type="button" class="button small" onClick={() => picker.current?.click()}>Import CSV…</button>
        <input
          ref={picker}
          type="file"
          accept=".csv,text/csv"
          hidden
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            if (file) tell(file.text().then(importCollections));
            event.currentTarget.value = '';
          }}
        />
      </div>
      <p class="caption" role="status">{said}</p>
    </>
  );
}
