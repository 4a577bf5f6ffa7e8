import { type ComponentChildren, type JSX } from 'preact';
import { formatCount, formatLoss, formatPercent, formatShape, formatValue } from '../../format';
import { type InputInfo, type Manifest, type RunPayload } from '../../schema';
import { column, shownMask, stepPosition, steps } from '../../store';
import { countWrong } from './facts';
import { orderedSplits } from './splits';

const DISPLAY: Record<InputInfo['display'], string> = {
  uint8: 'as they are',
  unit: 'as they are',
  symmetric: 'as they are',
  byte: 'as they are',
  stretched: "stretched from the data's own lowest to highest",
  to_image: 'as to_image made them',
};

/** The strip of numbers at the shown epoch. */
export function Statistics({ shown }: { shown: RunPayload }): JSX.Element {
  const { manifest } = shown;
  const total = manifest.splits.reduce((sum, split) => sum + split.total, 0);
  const count = manifest.splits.length;
  return (
    <dl class="statistics">
      <Tile name="Watched" value={formatCount(manifest.n_samples)} note={<>of {formatCount(total)}<span class="wide">, {count} {count === 1 ? 'split' : 'splits'}</span></>} />
      <Quality manifest={manifest} />
      <Wrong />
      <Parameters manifest={manifest} />
      <Tile
        name="Input"
        value={formatShape(manifest.input.shape)}
        note={`${manifest.input.dtype}, ${range(manifest.input)}`}
        title={`Images are shown ${DISPLAY[manifest.input.display]}: black is ${formatValue(manifest.input.display_low)}, white ${formatValue(manifest.input.display_high)}.`}
      />
    </dl>
  );
}

function range(input: InputInfo): string {
  const text = `${formatValue(input.display_low)} to ${formatValue(input.display_high)}`;
  return input.display === 'stretched' ? `stretched ${text}` : text;
}

function Quality({ manifest }: { manifest: Manifest }): JSX.Element {
  const [main = '', ...others] = orderedSplits(manifest.splits);
  const now = steps.value[stepPosition.value];
  const of = (name: string) => now?.splits.find((split) => split.name === name);
  const best = of(main);
  const title = (metric: string): JSX.Element => <SplitTitle split={main} metric={metric} />;
  const broken = now?.splits.reduce((sum, split) => sum + split.non_finite, 0) ?? 0;
  const other = others.map((name) => `${name} ${formatLoss(of(name)?.loss ?? NaN)}`).join(' · ');
  return (
    <>
      <Tile name={title('accuracy')} value={formatPercent(best?.accuracy ?? NaN)} note={`balanced ${formatPercent(best?.balanced_accuracy ?? NaN)}`} title="Balanced: the mean recall of the classes that occur." />
      <Tile
        name={title('loss')}
        value={formatLoss(best?.loss ?? NaN)}
        note={broken > 0 ? `${formatCount(broken)} not finite` : other || 'nats, mean'}
        warns={broken > 0}
        title={`Mean cross-entropy in nats${broken > 0 ? ' of the samples whose loss is finite' : ''}; sample and class weights are left out.${other ? ` ${other}.` : ''}`}
      />
    </>
  );
}

function SplitTitle({ split, metric }: { split: string; metric: string }): JSX.Element {
  const name = split === '' ? '' : split[0]!.toUpperCase() + split.slice(1);
  if (split !== 'validation') return <>{name} {metric}</>;
  return <><span class="wide">{name}</span><span class="only-narrow">Val.</span> {metric}</>;
}

function Wrong(): JSX.Element {
  const correct = column('correct').data.value?.values;
  if (!correct) return <Tile name="Wrong now" value="–" note="of shown" />;
  const { wrong, known } = countWrong(correct, shownMask.value);
  return <Tile name="Wrong now" value={formatCount(wrong)} note={known ? `${formatPercent(wrong / known)} of shown` : 'no labels'} title={`Of ${formatCount(known)} labelled samples of the shown splits.`} />;
}

function Parameters({ manifest }: { manifest: Manifest }): JSX.Element {
  const { trainable, frozen } = totals(manifest);
  const layers = manifest.layers.length;
  const note = <>{compact(frozen)} frozen<span class="wide">, {layers} {layers === 1 ? 'layer' : 'layers'}</span></>;
  return <Tile name="Parameters" value={layers ? formatCount(trainable + frozen) : '–'} note={layers ? note : 'known after the first batch'} title={`${formatCount(trainable)} trainable, ${formatCount(frozen)} frozen.`} />;
}

/** `0`, `14.7M`: short enough for a tile; the tooltip has all digits. */
function compact(value: number): string {
  return value < 10_000 ? formatCount(value) : Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 }).format(value);
}

export function totals(manifest: Manifest): { trainable: number; frozen: number } {
  return manifest.layers.reduce(
    (sum, layer) => ({ trainable: sum.trainable + layer.trainable, frozen: sum.frozen + layer.frozen }),
    { trainable: 0, frozen: 0 },
  );
}

interface TileProps {
  name: ComponentChildren;
  value: string;
  note: ComponentChildren;
  title?: string;
  warns?: boolean;
}

function Tile({ name, value, note, title, warns = false }: TileProps): JSX.Element {
  return (
    <div title={title}>
      <dt class="caption ellipsis">{name}</dt>
      <dd class="statistic ellipsis">{value}</dd>
      <dd class={warns ? 'caption ellipsis warning' : 'caption ellipsis'}>{note}</dd>
    </div>
  );
}
