import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Input } from '../../api';
import { Segmented } from '../../elements/segmented';
import { Empty, ErrorStrip } from '../../elements/states';
import { useSize } from '../../elements/use_size';
import { formatCount } from '../../format';
import { goToOpen } from '../../frame/go_to';
import { displayOf } from '../../inspector/display';
import {
  MOST_MAPS,
  addMap,
  attributionMode,
  chooseAttributionMode,
  dropFile,
  dropped,
  explained,
  inspectedInput,
  keptModels,
  mapOpacity,
  ownFile,
  ownFollower,
  ownImage,
  ownInput,
  payload,
  selected,
  showOwnImage,
  specs,
  startAttribution,
  step,
} from '../../store';
import { MAP_METHODS, MAP_TITLES } from '../../store/attribution_specs';
import { NoModel } from '../layers/job_state';
import { jobWords } from '../samples/method_controls';
import { Menu } from '../shared/menu';
import { Epochs } from './epochs';
import { exportItems } from './exports';
import { Methods } from './methods';
import { basePicture } from './picture';
import { SheetMode } from './sheet';
import './attribution.css';

const MODES = [
  { value: '', label: 'Methods', title: 'Several maps of one epoch, each on its own scale' },
  { value: 'epochs', label: 'Epochs', title: 'One map over the epochs with a kept model, on one scale' },
  { value: 'sheet', label: 'Sheet', title: 'One map of each of the selected samples' },
];

/** Which pixels a decision rests on, by several methods or over the epochs. */
export function Attribution(): JSX.Element {
  useEffect(startAttribution, []);
  const index = explained.value;
  const mode = attributionMode.value;
  const epochs = mode === 'epochs';
  const sheet = mode === 'sheet';
  const own = dropped.value;
  const kept = keptModels.value.includes(step.value ?? -1);
  return (
    <>
      <header class="view-head">
        <h1>Attribution</h1>
        <span class="caption ellipsis grow">{[sheet ? `${formatCount(selected.value.size)} selected` : own ? own.name : index === null ? 'which pixels a score rests on' : `#${index}`, ...(kept && !epochs ? [`model of epoch ${step.value}`] : [])].join(' · ')}</span>
        <label class="map-opacity" title="Opacity of the maps">
          <span class="caption">Overlay</span>
          <input type="range" min={0} max={1} step={0.05} value={mapOpacity.value} aria-label="Opacity of the maps" onInput={(event) => (mapOpacity.value = Number(event.currentTarget.value))} />
          <span class="caption number">{Math.round(100 * mapOpacity.value)}%</span>
        </label>
        <Segmented label="What is side by side" value={mode} options={MODES} onChange={chooseAttributionMode} />
        {!epochs && !sheet && <AddMap />}
        <OwnImageButton />
        <Menu small icon="more" label="Export" items={exportItems()} />
      </header>
      <Body />
    </>
  );
}

/** Takes a file where dropping one is not possible. */
function OwnImageButton(): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={field}
        type="file"
        accept="image/*"
        hidden
        aria-label="Your own image"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          currentTarget.value = '';
          if (file) void dropFile(file);
        }}
      />
      {ownFile.value && !dropped.value && <button type="button" class="button small ellipsis own-name" title={`Back to ${ownFile.value.name}`} onClick={showOwnImage}>{ownFile.value.name}</button>}
      <button type="button" class="button small" title="Explain an image of your own; it can also be dropped on the inspector" onClick={() => field.current?.click()}>Own image</button>
    </>
  );
}

function AddMap(): JSX.Element {
  const missing = MAP_METHODS.find((method) => specs.value.every((spec) => spec.method !== method)) ?? 'occlusion';
  const full = specs.value.length >= MOST_MAPS;
  return (
    <button type="button" class="button small" disabled={full} title={full ? `${MOST_MAPS} maps side by side are the most` : `Add ${MAP_TITLES[missing]}`} onClick={() => addMap(missing)}>
      Add a map
    </button>
  );
}

function Body(): JSX.Element {
  const body = useRef<HTMLDivElement>(null);
  const [width, height] = useSize(body);
  return (
    <div class="view-body attribution" ref={body}>
      {width > 0 && <Content width={width} height={height} />}
    </div>
  );
}

function Content({ width, height }: { width: number; height: number }): JSX.Element {
  const index = explained.value;
  const mode = attributionMode.value;
  const own = dropped.value;
  if (index === null && !own && mode !== 'sheet') {
    return <Empty action={{ label: 'Pick a sample', onClick: () => (goToOpen.value = true) }}>Click a sample in any view to see which of its pixels the decision rests on, or drop an image of your own on the inspector.</Empty>;
  }
  const at = step.value ?? -1;
  if (keptModels.value.length === 0 || (!keptModels.value.includes(at) && (mode !== 'epochs' || own))) {
    return <NoModel>Maps are computed with the model, and that of epoch {at} is not kept.</NoModel>;
  }
  if (mode === 'sheet') return <SheetMode />;
  if (own) return <OwnMaps width={width} height={height} />;
  const input = inspectedInput.data.value;
  const error = inspectedInput.error.value;
  if (error) return <ErrorStrip what={error.message} hint={error.hint} onRetry={inspectedInput.retry} />;
  if (!input) return <div class="empty waiting" role="status">Reading the sample</div>;
  return <Maps input={input} name={`sample ${input.index}`} stale={input.index !== index} width={width} height={height} />;
}

function OwnMaps({ width, height }: { width: number; height: number }): JSX.Element {
  const input = ownInput.value;
  const error = ownFollower.error.value;
  const job = ownFollower.job.value;
  return (
    <>
      {error && <ErrorStrip what={error.message} hint={error.hint} onRetry={() => ownFollower.run()} />}
      {input ? <Maps input={input} name="your image" stale={ownImage.value === null} width={width} height={height} /> : !error && <div class="empty waiting" role="status">Reading the image{job && `: ${jobWords(job)}`}</div>}
    </>
  );
}

function Maps({ input, name, stale, width, height }: { input: Input; name: string; stale: boolean; width: number; height: number }): JSX.Element {
  const display = displayOf(payload.value?.run ?? '').value;
  const base = basePicture(input, display);
  const props = { input, name, stale, base, width, height };
  return attributionMode.value === 'epochs' ? <Epochs {...props} /> : <Methods {...props} />;
}
