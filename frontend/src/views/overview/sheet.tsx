import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { atlasUrl } from '../../api';
import { Select } from '../../elements/select';
import { Empty, ErrorStrip } from '../../elements/states';
import { ClassName } from '../../elements/swatch';
import { Thumbnail } from '../../elements/thumbnail';
import { useSize } from '../../elements/use_size';
import { formatCount } from '../../format';
import { type RunPayload } from '../../schema';
import { classStyles, column, focusSample, focused } from '../../store';
import { chooseExamples } from './facts';

const SEED = 0;
const GAP = 4;
const NAME = 108;
/** Sides of the smallest and the largest image. */
const SMALL = 28;
const LARGE = 56;
const MOST_LINES = 6;
/** Rows drawn before the rest is asked for. */
const FIRST_ROWS = 100;

interface SheetHeadProps {
  splits: readonly string[];
  split: string;
  onSplit(name: string): void;
}

function SheetHead({ splits, split, onSplit }: SheetHeadProps): JSX.Element {
  return (
    <>
      <span class="caption ellipsis grow sheet-note" title="Drawn at random from each label of the split; the same ones every time.">by label, seed {SEED}</span>
      {splits.length > 1 && (
        <Select small caption label="Split" value={split} options={splits.map((value) => ({ value, label: value }))} onChange={onSplit} />
      )}
    </>
  );
}

/** Images of one split, a row a class; a press focuses the sample. */
export function Sheet({ shown, split }: { shown: RunPayload; split: string }): JSX.Element {
  const body = useRef<HTMLDivElement>(null);
  const [width, height] = useSize(body);
  const all = useSignal(false);
  const { manifest, atlas, run } = shown;
  const { error, retry } = column('label');
  const { lines, size } = sheetMeasures(height, manifest.class_names.length);
  const across = Math.max(1, Math.floor((width - NAME) / (size + GAP)));
  const fits = across * lines;
  const labels = column('label').data.value?.values;
  const rows = useMemo(() => {
    const info = manifest.splits.find(({ name }) => name === split);
    return labels && info ? chooseExamples(labels, info, manifest.class_names.length, fits, SEED) : null;
  }, [labels, manifest, split, fits]);
  const names = manifest.class_names;
  const drawn = all.value ? names : names.slice(0, FIRST_ROWS);
  return (
    <div class="data-body sheet" ref={body}>
      {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={retry} />}
      {!rows && !error.value && <Empty>Choosing images…</Empty>}
      {rows && drawn.map((name, label) => (
        <div key={name} class="sheet-row" style={{ height: `${lines * (size + GAP)}px`, '--image': `${size}px` }} onKeyDown={moveInRow}>
          <ClassName look={classStyles.value[label]} name={name} />
          <span class="sheet-images">
            {(rows[label] ?? []).map((index, k) => (
              <button
                key={index}
                type="button"
                class="sheet-image"
                tabIndex={k === 0 ? 0 : -1}
                aria-label={`Sample ${index}, ${name}`}
                aria-pressed={focused.value === index}
                title={`#${index}`}
                onClick={() => focusSample(index)}
              >
                <Thumbnail index={index} size={size} atlas={atlas} url={(page) => atlasUrl(run, page)} />
              </button>
            ))}
            {rows[label]?.length === 0 && <span class="caption">none in {split}</span>}
          </span>
        </div>
      ))}
      {rows && drawn.length < names.length && (
        <button type="button" class="button small" onClick={() => (all.value = true)}>
          Show all {formatCount(names.length)} classes
        </button>
      )}
    </div>
  );
}
Sheet.Head = SheetHead;

/** Lines of images per class and their size: all rows in sight where that leaves them large enough. */
export function sheetMeasures(height: number, classes: number): { lines: number; size: number } {
  const room = height / Math.max(1, classes);
  const lines = Math.min(MOST_LINES, Math.max(1, Math.floor(room / (LARGE + GAP))));
  return { lines, size: Math.min(LARGE, Math.max(SMALL, Math.floor(room / lines) - GAP)) };
}

function moveInRow(event: KeyboardEvent): void {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const row = event.currentTarget as HTMLElement;
  const images = [...row.querySelectorAll('button')];
  const next = by === undefined ? undefined : images[images.indexOf(event.target as HTMLButtonElement) + by];
  if (by !== undefined) event.stopPropagation();
  next?.focus();
}
