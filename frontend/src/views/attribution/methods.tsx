import { type JSX } from 'preact';
import { type ApiError, type Input } from '../../api';
import { ErrorStrip } from '../../elements/states';
import { formatFixed, formatShape, formatValue } from '../../format';
import { dropped, focused, inspectedSample, ownImage, payload, pointed, slots, specs } from '../../store';
import { MAP_TITLES, type MapSpec, specWords } from '../../store/attribution_specs';
import { DeletionPanel } from './deletion';
import { ClassSelect, MethodSelect, ParametersButton } from './parameters';
import { type BasePicture, fitTile, shownUnit } from './picture';
import { MapTile, Pixels, unitFits } from './tile';

export interface MapsProps {
  input: Input;
  /** What it is. */
  name: string;
  /** Another one is on its way: its maps are not to be laid over this one. */
  stale: boolean;
  base: BasePicture;
  width: number;
  height: number;
}

/** Share of the height that the pictures may take. */
const TALL = 0.5;
/** So high they may be in any window: the view scrolls. */
const SHORTEST = 112;
const GAP = 24;
const MOST_COLUMNS = 4;

/** The input and its maps, each on its own scale; below, how right they are. */
export function Methods({ input, name, stale, base, width, height }: MapsProps): JSX.Element {
  const fit = fitTile(base, width, Math.max(SHORTEST, TALL * height - 100), MOST_COLUMNS, GAP);
  const column = { width: `${Math.max(fit.width, Math.floor((width - (MOST_COLUMNS - 1) * GAP) / MOST_COLUMNS) - 12)}px` };
  const list = specs.value;
  const shared = commonError(list.length);
  const tight = list.some((spec, k) => !unitFits(shownUnit(spec, slots[k]?.shown.value ?? { unit: '' }), fit.width));
  const retry = (): void => slots.slice(0, list.length).forEach(({ follower }) => follower.run());
  return (
    <>
      {shared && <ErrorStrip what={shared.message} hint={shared.hint} onRetry={retry} />}
      <div class="map-row">
        <section class="map-tile" style={column} aria-label="Input">
          <header class="map-head"><h2>Input</h2></header>
          <p class="caption ellipsis">{formatShape([base.height, base.width, input.channels])} {input.source_dtype}</p>
          <Pixels pixels={base.pixels} base={base} fit={fit} label={`Input of ${name}`} waiting={stale} />
          <Verdict input={input} />
        </section>
        {list.map((spec, at) => (
          <section key={at} class="map-tile" style={column} aria-label={`Map ${at + 1}`}>
            <header class="map-head">
              <MethodSelect at={at} spec={spec} />
              <ParametersButton at={at} spec={spec} />
            </header>
            <ClassSelect at={at} spec={spec} />
            <MapTile slot={slots[at]!} quiet={shared !== null} stale={stale} spec={spec} base={base} fit={fit} tight={tight} name={MAP_TITLES[spec.method]} about={about(spec, at)} />
          </section>
        ))}
      </div>
      <DeletionPanel />
    </>
  );
}

/** What keeps all maps from being made: told once. */
function commonError(count: number): ApiError | null {
  const [first, ...others] = slots.slice(0, count).map(({ follower }) => follower.error.value);
  return first && others.every((error) => error?.message === first.message) ? first : null;
}

/** The parameters in words; of Grad-CAM the layer that it came to. */
function about(spec: MapSpec, at: number): string {
  return specWords(spec, spec.layer || slots[at]?.shown.value?.layer || undefined);
}

/** What it is taken for and what it is; the pixel that is pointed at. */
function Verdict({ input }: { input: Input }): JSX.Element | null {
  const at = pointed.value;
  if (at) {
    const start = (at.y * input.width + at.x) * input.channels;
    const values = Array.from(input.data.slice(start, start + Math.min(4, input.channels)), formatValue);
    return <p class="map-verdict caption">x {at.x}, y {at.y}: {values.join(' ')}</p>;
  }
  const names = payload.value?.manifest.class_names ?? [];
  const own = dropped.value ? ownImage.value : null;
  const sample = inspectedSample.data.value;
  if (dropped.value ? !own : sample?.sample_index !== focused.value) return null;
  const { prediction, label } = own ? { prediction: own.prediction, label: -1 } : (sample ?? { prediction: -1, label: -1 });
  const score = (index: number): string => {
    const found = own ? index : (sample?.scoreClasses.indexOf(index) ?? -1);
    return found < 0 ? '' : formatFixed((own ?? sample)?.scores[found] ?? NaN);
  };
  const right = prediction === label;
  return (
    <p class="map-verdict">
      <span class="ellipsis" title={names[prediction]}>
        {label >= 0 && <span class={right ? 'correct' : 'wrong'}>{right ? '✓' : '✗'} </span>}
        <b>{score(prediction)}</b> {names[prediction] ?? 'no prediction'}
      </span>
      {label >= 0 && !right && <span class="caption ellipsis" title={names[label]}>label {score(label)} {names[label]}</span>}
    </p>
  );
}
