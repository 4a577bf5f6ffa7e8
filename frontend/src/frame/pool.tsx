/** The image pool: a drawer below the view, which only its user opens. */

import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { IconButton } from '../elements/button';
import { Icon } from '../elements/icon';
import { Select } from '../elements/select';
import { useSize } from '../elements/use_size';
import { formatCount } from '../format';
import {
  CLOSED_HEIGHT,
  MOST_POOLED,
  OPEN_HEIGHT,
  SHOWN_CHOICES,
  SampleSet,
  addToPool,
  clearPool,
  focusSample,
  pinnedInPool,
  poolDrawer,
  pooled,
  removeFromPool,
  removedFromPool,
  selectPool,
  selected,
  setPoolDrawer,
  togglePin,
  togglePool,
  undoPool,
} from '../store';
import { Splitter } from '../elements/splitter';
import { SampleThumbnail } from '../views/shared/sample_thumbnail';
import { SampleTile } from '../views/shared/sample_tile';
import { narrow } from './width';
import './pool.css';

const SMALL = 24;
const LEAST_OPEN = 120;

export interface PoolProps {
  /** Height of the view and the drawer together. */
  room: number;
}

export function Pool({ room }: PoolProps): JSX.Element {
  const { open, height } = poolDrawer.value;
  const most = Math.max(LEAST_OPEN, Math.floor(room / 2));
  const shown = open ? Math.min(most, Math.max(LEAST_OPEN, height)) : CLOSED_HEIGHT;
  return (
    <section class="pool" aria-label="Image pool" style={{ height: `${shown}px` }}>
      {open && (
        <Splitter
          label="Height of the view above the image pool"
          value={room - shown}
          min={room - most}
          max={room - LEAST_OPEN}
          onChange={(above) => setPoolDrawer({ height: room - above })}
          onReset={() => setPoolDrawer({ height: OPEN_HEIGHT })}
        />
      )}
      <PoolHead open={open} />
      {open && <Tiles />}
    </section>
  );
}

function PoolHead({ open }: { open: boolean }): JSX.Element {
  const total = pooled.value.length;
  return (
    <header class="pool-head">
      <button type="button" class="pool-title" aria-expanded={open} title={`${open ? 'Close' : 'Open'} the image pool (p)`} onClick={togglePool}>
        <Icon name={open ? 'down' : 'up'} size={16} />
        <h2>Image pool</h2>
        <span class="caption">{countText(total, open)}</span>
      </button>
      {open ? <Controls total={total} /> : <Strip />}
      {!open && <kbd>p</kbd>}
    </header>
  );
}

function countText(total: number, open: boolean): string {
  if (total === 0) return 'empty';
  if (!open) return formatCount(total);
  const shown = Math.min(total, poolDrawer.value.shown);
  const full = total >= MOST_POOLED ? ', the most it holds' : '';
  return `${formatCount(shown)} of ${formatCount(total)} shown${narrow.value ? '' : ', newest first'}${full}`;
}

/** The newest as small pictures while the drawer is closed. */
function Strip(): JSX.Element {
  const strip = useRef<HTMLDivElement>(null);
  const [width] = useSize(strip);
  const fitting = Math.min(poolDrawer.value.shown, Math.floor(width / (SMALL + 4)));
  return (
    <div class="pool-strip" ref={strip}>
      {pooled.value.slice(0, fitting).map((index) => (
        <button key={index} type="button" aria-label={`Focus sample ${index}`} title={`#${index}`} onClick={() => focusSample(index)}>
          <SampleThumbnail index={index} size={SMALL} />
        </button>
      ))}
    </div>
  );
}

function Controls({ total }: { total: number }): JSX.Element {
  const { shown, byClick } = poolDrawer.value;
  const chosen = selected.value.size;
  const removed = removedFromPool.value;
  const options = SHOWN_CHOICES.map((choice) => ({ value: String(choice), label: `${choice}` }));
  return (
    <>
      {total > SHOWN_CHOICES[0] && (
        <Select small caption label="Show" title="How many are shown" value={String(shown)} options={options} onChange={(value) => setPoolDrawer({ shown: Number(value) })} />
      )}
      <span class="grow" />
      {removed > 0 && (
        <button type="button" class="button small undo" title="Bring back what was removed (Ctrl or Cmd Z)" onClick={undoPool}>
          <Icon name="undo" size={14} /> {formatCount(removed)} removed
        </button>
      )}
      <label class="check" title="Every sample that you click anywhere goes into the pool">
        <input type="checkbox" checked={byClick} onChange={() => setPoolDrawer({ byClick: !byClick })} />
        {narrow.value ? 'Add clicked' : 'Add what I click'}
      </label>
      <button type="button" class="button small" disabled={chosen === 0} title="Put the selected samples into the pool" onClick={addSelected}>
        {chosen > 0 && !narrow.value ? `Add the ${formatCount(chosen)} selected` : 'Add selected'}
      </button>
      <button type="button" class="button small" disabled={total === 0} title="Make the pool the selected set" onClick={selectPool}>
        Select
      </button>
      <button type="button" class="button small" disabled={total === 0} title="Remove all that are not pinned" onClick={clearPool}>
        Clear
      </button>
    </>
  );
}

function addSelected(): void {
  addToPool(selected.peek().indices());
}

function Tiles(): JSX.Element {
  const shown = pooled.value.slice(0, poolDrawer.value.shown);
  if (shown.length === 0) return <PoolEmpty />;
  return (
    <div class="pool-tiles">
      {shown.map((index) => <PoolTile key={index} index={index} pinned={pinnedInPool.value.has(index)} />)}
    </div>
  );
}

function PoolEmpty(): JSX.Element {
  return (
    <div class="empty">
      <p>
        Samples that you set aside gather here: press <kbd>a</kbd> for the focused one, or add the selected ones
        {selected.value === SampleSet.EMPTY ? ', say of a query or a lasso' : ''}.
      </p>
    </div>
  );
}

function PoolTile({ index, pinned }: { index: number; pinned: boolean }): JSX.Element {
  const key = (event: KeyboardEvent): void => {
    if (event.key !== 'Delete' && event.key !== 'Backspace') return;
    event.preventDefault();
    removeFromPool(index);
  };
  return (
    <div class={pinned ? 'pool-tile pinned' : 'pool-tile'} onKeyDown={key}>
      <SampleTile index={index} size={72} />
      <IconButton small icon="pin" label={pinned ? 'Unpin' : 'Pin: stays in front and is not cleared'} pressed={pinned} onClick={() => togglePin(index)} />
      <IconButton small icon="close" label="Remove (Delete)" onClick={() => removeFromPool(index)} />
    </div>
  );
}
