import { type JSX } from 'preact';
import { formatCount } from '../../format';
import { comparedEpochs, epochSlots, goToStep, keptModels, slots, specs, step } from '../../store';
import { MAP_TITLES, specWords } from '../../store/attribution_specs';
import { type MapsProps } from './methods';
import { ClassSelect, MethodSelect, ParametersButton } from './parameters';
import { fitTile, scaleFor, shownUnit, shownValues } from './picture';
import { MapTile, unitFits } from './tile';

const GAP = 24;
const TALL = 0.45;

/** One method over the epochs whose model is kept, on one scale. */
export function Epochs({ base, stale, width, height }: MapsProps): JSX.Element | null {
  const spec = specs.value[0];
  if (!spec) return null;
  const epochs = comparedEpochs.value;
  const kept = keptModels.value.length;
  const fit = fitTile(base, width, TALL * height - 40, 4, GAP);
  const found = epochs.flatMap((_, k) => epochSlots[k]?.shown.value ?? []);
  const tight = !unitFits(shownUnit(spec, found[0] ?? { unit: '' }), fit.width);
  const asking = epochSlots.slice(0, epochs.length).filter(({ question }) => question.value?.tooMany);
  const passes = asking.reduce((sum, { question }) => sum + (question.value?.tooMany ?? 0), 0);
  const scale = scaleFor(spec, found.map((map) => shownValues(spec, map)));
  return (
    <>
      <div class="map-bar">
        <MethodSelect at={0} spec={spec} />
        <ClassSelect at={0} spec={spec} />
        <ParametersButton at={0} spec={spec} />
        <span class="caption ellipsis grow">
          {specWords(spec, spec.layer || slots[0]?.shown.value?.layer || undefined)} · one scale for all
          {epochs.length < kept ? ` · ${epochs.length} of ${formatCount(kept)} epochs with a kept model, evenly spread` : ''}
        </span>
      </div>
      {asking.length > 0 && (
        <div class="map-question inline" role="alert">
          <p>{asking.length === 1 ? 'This map takes' : `These ${asking.length} maps take`} {formatCount(passes)} passes through the model. A larger stride takes fewer.</p>
          <button type="button" class="button small" onClick={() => asking.forEach((slot) => slot.confirm())}>Run all</button>
        </div>
      )}
      <div class="map-row wrapped">
        {epochs.map((epoch, k) => (
          <section key={epoch} class="map-tile" style={{ width: `${Math.max(fit.width, 150)}px` }} aria-label={`Epoch ${epoch}`}>
            <header class="map-head">
              <button type="button" class="map-epoch" aria-current={epoch === step.value} title="Go to this epoch" onClick={() => goToStep(epoch)}>Epoch {epoch}</button>
            </header>
            <MapTile slot={epochSlots[k]!} askedAbove stale={stale} spec={spec} base={base} fit={fit} tight={tight} name={`${MAP_TITLES[spec.method]}, epoch ${epoch}`} scale={scale} />
          </section>
        ))}
      </div>
    </>
  );
}
