import { computed, signal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type LayerEntry } from '../../api';
import { type Scale } from '../../draw/ramp';
import { Segmented } from '../../elements/segmented';
import { Select } from '../../elements/select';
import { Empty, ErrorStrip } from '../../elements/states';
import { formatShape, formatValue } from '../../format';
import { displayOf } from '../../inspector/display';
import { activations, channelAt, dropped, focusSample, focused, inspectedInput, isReference, isSpatial, keptModels, layer, link, linkedChoice, mapShape, modelKept, ownInput, ownUnread, payload, referenceMaps, shownMaps, step } from '../../store';
import { basePicture } from '../attribution/picture';
import { Menu } from '../shared/menu';
import { SampleThumbnail } from '../shared/sample_thumbnail';
import { mapsCsv, mapsFile, saveCanvas, saveMapsNpy, saveText } from './files';
import { JobState, ModelButtons, NoModel, stopped } from './job_state';
import { type MapModel, type MapOrder, mapModel, orderChannels } from './map_model';
import { ScaleBar, titled } from './scale_bar';
import { type GridPainter, TileGrid } from './tile_grid';
import { type Tile, largest } from './tiles';

const SIDE = 72;
const DARKEN = 0.7;

const order = linkedChoice<MapOrder>('maps.sort', ['index', 'mean', 'max']);
const scaling = linkedChoice('maps.scale', ['shared', 'own']);
const many = linkedChoice('maps.channels', ['all', 'one']);
const overlay = signal(false);
link('maps.over', overlay, (text) => text === '1', (over) => (over ? '1' : null));
const opacity = signal(0.8);

/** The input as the inspector shows it, grey and darker, for the colours to be told apart; null while it is on its way. */
const underlay = computed((): HTMLCanvasElement | null => {
  const sample = inspectedInput.data.value;
  const input = dropped.value ? ownInput.value : sample?.index === focused.value ? sample : null;
  const run = payload.value?.run;
  if (!input || !run) return null;
  const { pixels, width, height } = basePicture(input, displayOf(run).value);
  for (let k = 0; k < pixels.length; k += 4) pixels.fill(DARKEN * (0.299 * pixels[k]! + 0.587 * pixels[k + 1]! + 0.114 * pixels[k + 2]!), k, k + 3);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
  return canvas;
});

/** `sample 17`, `your image`, or nothing without a sample. */
export function subjectName(index: number | null): string {
  if (index !== null) return `sample ${index}`;
  return dropped.value ? 'your image' : '';
}

export const UNREAD = 'Your image could not be read: the inspector says why.';

/** What the layer makes of the focused sample, channel by channel. */
export function MapsTab(): JSX.Element {
  const entry = layer.value;
  const painter = useRef<GridPainter | null>(null);
  const maps = shownMaps.value;
  const model = useMemo(() => (maps ? mapModel(maps) : null), [maps]);
  // Another epoch's or sample's stay until the next are there.
  const last = useRef<MapModel | null>(null);
  if (model || last.current?.maps.layer !== entry?.path) last.current = model;
  if (!entry) return <Empty>Choose a layer.</Empty>;
  const whose = subjectName(dropped.value ? null : focused.value);
  const possible = isSpatial(entry) && (modelKept.value ? whose !== '' : isReference.value && entry.maps);
  const unread = ownUnread.value;
  const failed = possible && !model && (modelKept.value ? activations : referenceMaps).error.value !== null;
  const shown = possible && !unread && !(failed && last.current && subjectName(last.current.maps.index) !== whose) ? last.current : null;
  const picture = (): void => {
    const made = painter.current?.();
    if (!made || !shown) return;
    const { layer: path, step: at, index } = shown.maps;
    const over = shown.how === '' && overlay.peek() && underlay.peek() !== null;
    const title = `${path}, epoch ${at}, ${subjectName(index)}: ${made.range}, each with its ${valueName()}${shown.how && `, ${shown.how}`}`;
    saveCanvas(titled(made.canvas, title, { scale: scaleOf(shown, over), most: scaling.peek() === 'own' ? null : shown.most, over }, made.ink), mapsFile(shown.maps, 'maps.png'));
  };
  return (
    <section class="panel" aria-label="Activation maps">
      <header class="panel-head">
        <h2>Maps</h2>
        <span class="caption ellipsis grow">{shown && <Source model={shown} />}</span>
        {shown && <Controls />}
        <Menu
          small
          icon="save"
          label="Save the maps"
          items={[
            { label: 'Picture of this page, PNG', disabled: !shown, run: picture },
            { label: 'All maps, NPY', disabled: !shown, run: () => shown && saveMapsNpy(shown.maps) },
            { label: 'Mean and maximum, CSV', disabled: !shown, run: () => shown && saveText(mapsCsv(shown), mapsFile(shown.maps, 'maps.csv')) },
          ]}
        />
      </header>
      {possible && modelKept.value && <JobState of={activations} doing={`Running the model of epoch ${step.value}`} />}
      {possible && !modelKept.value && referenceMaps.error.value && <ErrorStrip what={referenceMaps.error.value.message} hint={referenceMaps.error.value.hint} onRetry={referenceMaps.retry} />}
      {possible && !modelKept.value && <StoredNote />}
      {!possible && <Impossible entry={entry} whose={whose} />}
      {possible && unread && <Empty>{UNREAD}</Empty>}
      {possible && !shown && !failed && !unread && !stopped(activations) && <Empty>Computing the maps of {whose}…</Empty>}
      {shown && <MapTiles key={entry.path} model={shown} waiting={model === null} painter={painter} />}
    </section>
  );
}

function Source({ model: { maps, how } }: { model: MapModel }): JSX.Element {
  const { index, step: at, source, shape } = maps;
  const [here, full] = [formatShape(shape), formatShape(layer.value ? mapShape(layer.value) : null)];
  const from = `${subjectName(index)}, ${source === 'model' ? `model of epoch ${at}` : `stored at epoch ${at}`}`;
  const size = `${here}${here === full ? '' : ` of ${full}`}`;
  const text = how ? `${size}, ${how}; ${from}` : `${from}, ${size}`;
  return <span title={text}>{text}</span>;
}

function StoredNote(): JSX.Element {
  const told = keptModels.value.length > 0
    ? `No model of epoch ${step.value} is kept: these maps are the stored ones of a reference sample. Any sample at:`
    : 'No model is kept: these maps are the stored ones of a reference sample. Train with keep_models for any.';
  return (
    <div class="job-line">
      <span class="grow ellipsis" title={`${told}\nOf the reference samples maps are stored at every epoch, in half precision, at most 64 channels of 32×32.`}>{told}</span>
      <ModelButtons />
    </div>
  );
}

/** Why there are no maps, and the way to some. */
function Impossible({ entry, whose }: { entry: LayerEntry; whose: string }): JSX.Element {
  if (entry.role === 'input') return <Empty>{`${entry.path} is the input itself: the inspector shows it.`}</Empty>;
  if (!isSpatial(entry)) return <Empty>{`${entry.path} (${entry.type}, output ${formatShape(entry.output_shape)}) gives no maps: they are shown of outputs whose channels have more than one position.`}</Empty>;
  const stored = entry.maps ? payload.value?.manifest.reference_samples ?? [] : [];
  return (
    <div class="no-maps">
      {modelKept.value
        ? <div class="empty"><p>Pick a sample, in any view or with the arrow keys: its maps show here.</p></div>
        : <NoModel>{whose === '' ? 'Maps are computed' : `The maps of ${whose} are computed`} by the model of the epoch, and none of epoch {step.value} is kept.</NoModel>}
      {stored.length > 0 && (
        <div class="references">
          <span class="muted">Of these samples maps are stored at every epoch:</span>
          <span class="model-buttons">
            {stored.map((index) => (
              <button key={index} type="button" class="reference" aria-label={`Sample ${index}`} onClick={() => focusSample(index)}>
                <SampleThumbnail index={index} size={48} />
                <span class="caption">#{index}</span>
              </button>
            ))}
          </span>
        </div>
      )}
    </div>
  );
}

function Controls(): JSX.Element {
  return (
    <>
      <Select small caption label="Sort" value={order.value} options={[{ value: 'index', label: 'index' }, { value: 'mean', label: 'mean' }, { value: 'max', label: 'maximum' }]} onChange={(value) => (order.value = value as MapOrder)} />
      <Segmented label="Channels" value={many.value} options={[{ value: 'all', label: 'All' }, { value: 'one', label: 'One', title: 'One channel as large as it fits' }]} onChange={(value) => (many.value = value)} />
      <Segmented label="Scale" value={scaling.value} options={[{ value: 'shared', label: 'Shared', title: 'One scale for all channels' }, { value: 'own', label: 'Own', title: 'Each channel by its own largest value' }]} onChange={(value) => (scaling.value = value)} />
    </>
  );
}

function OverlayControls({ flat }: { flat: boolean }): JSX.Element {
  return (
    <>
      <label class="overlay-choice" title={flat ? '' : 'Only maps of height and width lie over the image: the positions of these are no places in it'}>
        <input type="checkbox" disabled={!flat} checked={flat && overlay.value} onChange={() => (overlay.value = !overlay.value)} />
        Over the image{!flat && <span class="wide">(height × width only)</span>}
      </label>
      {flat && overlay.value && (
        <input type="range" class="opacity" aria-label="Opacity of the map" title={`Opacity ${Math.round(100 * opacity.value)}%`} min={0} max={1} step={0.05} value={opacity.value} onInput={(event) => (opacity.value = Number(event.currentTarget.value))} />
      )}
    </>
  );
}

/** What is told of each channel. */
const valueName = (): string => (order.value === 'mean' ? 'mean' : 'maximum');

const scaleOf = ({ scale }: MapModel, over: boolean): Scale => (over && scale === 'unsigned' ? 'heat' : scale);

/** Strips and columns of slices are longer than images, as far as a pixel of the screen is one value. */
const sideOf = ({ how, proportions }: MapModel): number => (how === '' ? SIDE : Math.min(4 * SIDE, Math.max(SIDE, ...proportions)));

interface MapTilesProps {
  model: MapModel;
  waiting: boolean;
  painter: { current: GridPainter | null };
}

function MapTiles({ model, waiting, painter }: MapTilesProps): JSX.Element {
  const { maps, mean, max, most } = model;
  const own = scaling.value === 'own';
  const sorted = useMemo(() => orderChannels(model, order.value), [model, order.value]);
  const flat = model.how === '';
  const image = flat && overlay.value ? underlay.value : null;
  const scale = scaleOf(model, image !== null);
  const by = order.value === 'mean' ? mean : max;
  const tile = useMemo(() => (k: number): Tile => {
    const channel = sorted[k]!;
    const raster = model.raster(channel);
    return {
      caption: String(channel),
      rasters: [raster],
      slices: model.slices,
      most: own ? largest(raster) : most,
      value: formatValue(Number(by[channel]!.toPrecision(3))),
      ...(image ? { over: { image, opacity: opacity.value } } : {}),
    };
  }, [model, sorted, own, image, by, opacity.value]);
  const [width, height] = image ? [image.width, image.height] : model.proportions;
  const at = channelAt.value === null ? -1 : sorted.indexOf(channelAt.value);
  const told = (k: number, x: number, y: number): [string, string][] => {
    const [column, row] = [Math.floor((x * maps.width) / width), Math.floor((y * maps.height) / height)];
    const raster = model.raster(sorted[k]!);
    return [
      ['channel', String(sorted[k])],
      ['value', formatValue(raster.data[raster.at(column, row)]!)],
      model.place(column, row),
      ['mean, max', `${formatValue(mean[sorted[k]!]!)}, ${formatValue(max[sorted[k]!]!)}`],
    ];
  };
  return (
    <TileGrid
      label={`Maps of ${maps.layer}`}
      noun="channels"
      count={maps.channels}
      tile={tile}
      rasterWidth={width}
      rasterHeight={height}
      side={many.value === 'one' ? null : sideOf(model)}
      scale={scale}
      chosen={at < 0 ? null : at}
      onChoose={(k) => (channelAt.value = sorted[k] ?? null)}
      onOpen={() => (many.value = many.value === 'one' ? 'all' : 'one')}
      told={told}
      waiting={waiting}
      painter={painter}
    >
      <OverlayControls flat={flat} />
      <span class="caption" title="The number at the right of each channel">{valueName()}</span>
      <ScaleBar scale={scale} most={own ? null : most} over={image !== null} />
    </TileGrid>
  );
}
