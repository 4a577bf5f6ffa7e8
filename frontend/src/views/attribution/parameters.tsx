import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { IconButton } from '../../elements/button';
import { Popover } from '../../elements/popover';
import { Select } from '../../elements/select';
import { formatCount } from '../../format';
import { chooseMapMethod, imageSize, knownClass, mapLayers, payload, removeMap, setSpec, specs } from '../../store';
import {
  type Bounds,
  CHOICES,
  MAP_METHODS,
  MAP_TITLES,
  MOST_FORWARDS,
  type MapSpec,
  type NumberParameter,
  type Parameter,
  type Target,
  boundsOf,
  forwardsOf,
  parametersOf,
  specWords,
} from '../../store/attribution_specs';

const FIELDS: Readonly<Record<Parameter, readonly [label: string, title: string]>> = {
  height: ['Patch height', 'Pixels'],
  width: ['Patch width', 'Pixels'],
  stride: ['Stride', 'Pixels from one position to the next; the border is always covered'],
  fill: ['Fill', 'What the patch shows'],
  value: ['Value', 'In the input’s own unit'],
  seed: ['Seed', 'Of the noise'],
  show: ['Show', 'The drop is large where the score rests on the pixels'],
  layer: ['Layer', 'Whose activation maps are weighted'],
  cam: ['Show', 'Raw: the weighted sum of the layer’s maps as it is, at the layer’s size'],
  samples: ['Samples', 'Noisy copies whose gradients are averaged'],
  noise: ['Noise', 'Its standard deviation as a share of the image’s range'],
  steps: ['Steps', 'Points on the way from the baseline to the image; more make the gap smaller'],
  baseline: ['Baseline', 'The image without what is explained'],
  sigma: ['Smoothing', 'Sigma of a Gaussian over the map, in pixels; 0 for none'],
};

const WHAT: Readonly<Record<MapSpec['method'], string>> = {
  occlusion: 'Occlusion: by how much the score falls while a patch covers the pixel (Zeiler and Fergus 2014)',
  grad_cam: 'Grad-CAM: where a layer’s activation maps speak for the class (Selvaraju et al. 2017)',
  gradient: 'Gradient: how much the logit changes with the pixel (Simonyan et al. 2013)',
  smooth_grad: 'SmoothGrad: the gradient, averaged over noisy copies (Smilkov et al. 2017)',
  integrated_gradients: 'Integrated gradients: the logit, shared out among the pixels (Sundararajan et al. 2017)',
};

export function MethodSelect({ at, spec }: { at: number; spec: MapSpec }): JSX.Element {
  return (
    <Select
      small
      class="grow"
      label="Method"
      title={WHAT[spec.method]}
      value={spec.method}
      options={MAP_METHODS.map((value) => ({ value, label: MAP_TITLES[value] }))}
      onChange={(value) => chooseMapMethod(at, value as MapSpec['method'])}
    />
  );
}

/** Whose score is explained; `each`: of samples that each have their own prediction. */
export function ClassSelect({ at, spec, each = false }: { at: number; spec: MapSpec; each?: boolean }): JSX.Element {
  const names = payload.value?.manifest.class_names ?? [];
  const [prediction, label] = each ? [null, null] : [knownClass('prediction'), knownClass('label')];
  const named = (what: string, index: number | null): string => (index === null ? what : `${what}: ${names[index] ?? index}`);
  const choose = (value: string): void => {
    const target: Target = value === 'prediction' || value === 'label' ? value : Number(value);
    setSpec(at, { ...spec, target });
  };
  return (
    <Select
      small
      class="map-class"
      label="Class"
      title="The class whose score is explained"
      value={label === null && spec.target === 'label' ? 'prediction' : String(spec.target)}
      options={[
        { value: 'prediction', label: each ? 'each prediction' : named('prediction', prediction) },
        ...(label === null ? [] : [{ value: 'label', label: named('label', label) }]),
        { label: 'Any class', options: names.map((name, index) => ({ value: String(index), label: name })) },
      ]}
      onChange={choose}
    />
  );
}

/** `each`: of a sheet, whose maps have the image’s size. */
export function ParametersButton({ at, spec, each = false }: { at: number; spec: MapSpec; each?: boolean }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <Popover
      open={open}
      onClose={() => setOpen(false)}
      label={`Parameters of ${MAP_TITLES[spec.method]}`}
      trigger={<IconButton small icon="adjust" label={`Parameters: ${specWords(spec)}`} expanded={open} onClick={() => setOpen(!open)} />}
    >
      <Form at={at} spec={spec} each={each} onRun={() => setOpen(false)} />
    </Popover>
  );
}

/** What is wrong with a number's text, or null. */
export function numberProblem(text: string, { min, max, whole }: Bounds): string | null {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value))) return null;
  const kind = whole ? 'A whole number' : 'A number';
  if (min === -Infinity) return kind;
  return max > 1e6 ? `${kind} from ${min} on` : `${kind}, ${min} to ${formatCount(max)}`;
}

function Form({ at, spec, each, onRun }: { at: number; spec: MapSpec; each: boolean; onRun(): void }): JSX.Element {
  const draft = useSignal<Readonly<Record<string, string>>>(Object.fromEntries(Object.entries(spec).map(([name, value]) => [name, String(value)])));
  const size = imageSize.value;
  const dtype = payload.value?.manifest.input.dtype;
  const texts = draft.value;
  const names = parametersOf({ method: spec.method, fill: texts['fill'] ?? '', baseline: texts['baseline'] ?? '' }).filter((name) => !(each && name === 'cam'));
  const isNumber = (name: Parameter): name is NumberParameter => typeof spec[name] === 'number';
  const problems = names.map((name) => (isNumber(name) ? numberProblem(texts[name] ?? '', boundsOf(name, size, dtype)) : null));
  const ready = problems.every((problem) => problem === null);
  const wanted: MapSpec = {
    ...spec,
    ...Object.fromEntries(names.map((name) => [name, isNumber(name) ? Number(texts[name]) : texts[name]])),
  };
  const forwards = ready ? forwardsOf(wanted, size) : 0;
  const set = (name: string, value: string): void => void (draft.value = { ...draft.value, [name]: value });
  const run = (event: Event): void => {
    event.preventDefault();
    if (!ready) return;
    setSpec(at, wanted);
    onRun();
  };
  return (
    <form class="map-form" onSubmit={run}>
      {names.map((name, k) => (
        <label key={name} title={FIELDS[name][1]}>
          <span>{FIELDS[name][0]}</span>
          {isNumber(name) ? (
            <input
              class="text-field"
              type="text"
              inputMode="decimal"
              aria-label={FIELDS[name][0]}
              aria-invalid={problems[k] !== null}
              value={texts[name]}
              onInput={(event) => set(name, event.currentTarget.value)}
            />
          ) : (
            <Select small label={FIELDS[name][0]} title={FIELDS[name][1]} value={texts[name] ?? ''} options={optionsOf(name)} onChange={(value) => set(name, value)} />
          )}
          {problems[k] && <span class="warning caption" role="alert">{problems[k]}</span>}
        </label>
      ))}
      <p class={forwards > MOST_FORWARDS ? 'caption warning' : 'caption'}>
        {ready ? `${formatCount(forwards)} ${forwards === 1 ? 'pass' : 'passes'} through the model${forwards > MOST_FORWARDS ? ': you will be asked again' : ''}` : ' '}
      </p>
      <div class="map-buttons">
        {specs.value.length > 1 && <button type="button" class="button" onClick={() => removeMap(at)}>Remove</button>}
        <button type="submit" class="button grow" disabled={!ready}>Run</button>
      </div>
    </form>
  );
}

function optionsOf(name: Parameter): { value: string; label: string }[] {
  if (name === 'layer') return [{ value: '', label: 'last convolution' }, ...mapLayers.value.map((value) => ({ value, label: value }))];
  return (CHOICES[name] ?? []).map(([value, label]) => ({ value, label }));
}
