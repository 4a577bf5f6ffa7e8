import { type JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import { IconButton } from '../elements/button';
import { Popover } from '../elements/popover';
import { formatCount } from '../format';
import {
  SampleSet,
  canRedoSelection,
  canUndoSelection,
  keepSet,
  namedSets,
  notStored,
  payload,
  redoSelection,
  selected,
  shownMask,
  tagSamples,
  tags,
  undoSelection,
  untagSamples,
} from '../store';
import { exportItems } from '../views/shared/export_menu';
import { CollectionFiles, CollectionRows, NameField } from './saved_sets';
import './selection_menu.css';

/** `98 selected`, and what can be done with them. */
export function SelectionMenu(): JSX.Element | null {
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  const count = selected.value.size;
  if (!payload.value) return null;
  const trigger = (
    <span class={count > 0 ? 'control selection' : 'control selection none'}>
      <button type="button" aria-expanded={open} title="What is selected, sets and tags" onClick={() => setOpen(!open)}>
        {count > 0 ? `${formatCount(count)} selected` : 'none selected'} <span aria-hidden="true">▾</span>
      </button>
      {count > 0 && <IconButton small icon="close" label="Clear the selection (Esc)" onClick={clear} />}
    </span>
  );
  return (
    <Popover open={open} onClose={close} label="Selection, sets and tags" trigger={trigger}>
      <div class="selection-menu">
        <Actions />
        <Sets />
        <Tags />
        <Files />
        {notStored.value && (
          <p class="caption warning">This browser keeps no more: sets and tags are lost when the page is left. Export them.</p>
        )}
      </div>
    </Popover>
  );
}

function clear(): void {
  selected.value = SampleSet.EMPTY;
}

/** The samples of the shown splits that are not selected. */
function invert(): void {
  selected.value = SampleSet.fromMask(shownMask.value).minus(selected.value);
}

function Actions(): JSX.Element {
  const none = selected.value.size === 0;
  const actions = [
    { label: 'Clear', title: 'Select none (Esc)', run: clear, disabled: none },
    { label: 'Invert', title: 'Select the other samples of the shown splits', run: invert, disabled: false },
    { label: 'Undo', title: 'The selection before (Ctrl Z)', run: undoSelection, disabled: !canUndoSelection.value },
    { label: 'Redo', title: 'Take the undo back (Ctrl Shift Z)', run: redoSelection, disabled: !canRedoSelection.value },
  ];
  return (
    <section class="button-row">
      {actions.map(({ label, title, run, disabled }) => (
        <button key={label} type="button" class="button small" title={title} disabled={disabled} onClick={run}>{label}</button>
      ))}
    </section>
  );
}

function Sets(): JSX.Element {
  const none = selected.value.size === 0;
  return (
    <section>
      <h2>Sets</h2>
      <NameField
        label="Name of the set"
        placeholder="Name the selected samples"
        known={namedSets.value}
        actions={[{ label: 'Keep', disabled: none, run: (name) => keepSet(name, selected.peek()) }]}
      />
      <CollectionRows collection="sets" named={namedSets.value} call="set" />
    </section>
  );
}

function Tags(): JSX.Element {
  const none = selected.value.size === 0;
  return (
    <section>
      <h2>Tags</h2>
      <NameField
        label="Tag"
        placeholder="Tag the selected samples"
        known={tags.value}
        actions={[
          { label: 'Tag', disabled: none, run: (word) => tagSamples(word, selected.peek()) },
          { label: 'Untag', disabled: none, run: (word) => untagSamples(word, selected.peek()) },
        ]}
      />
      <CollectionRows collection="tags" named={tags.value} call="tag" />
    </section>
  );
}

function Files(): JSX.Element {
  return (
    <section>
      <h2>{selected.value.size > 0 ? 'Export the selected' : 'Export all shown'}</h2>
      <div class="button-row">
        {exportItems().map(({ label, run }, k) => (
          <button key={k} type="button" class="button small" onClick={run}>{label}</button>
        ))}
      </div>
      <CollectionFiles />
    </section>
  );
}
