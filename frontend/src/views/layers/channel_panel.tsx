import { type JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { type Channels } from '../../api';
import { IconButton } from '../../elements/button';
import { formatPercent, formatValue } from '../../format';
import { activations, channelAt, dropped, focused, isSpatial, layer, layersTab, modelKept, ownUnread, shownMaps, theme } from '../../store';
import { SampleTile } from '../shared/sample_tile';
import { type Finding, findingOf } from './channel_model';
import { JobState } from './job_state';
import { mapModel } from './map_model';
import { UNREAD, subjectName } from './maps_tab';
import { largest, paintTile } from './tiles';

const TILE = 56;
const MAP = 84;

/** One channel: its statistics, its map on the focused sample, the samples that it fires on most. */
export function ChannelPanel({ data, findings }: { data: Channels; findings: readonly Finding[] }): JSX.Element {
  const channel = channelAt.value;
  if (channel === null || channel >= data.nChannels) {
    return (
      <section class="panel" aria-label="Channel">
        <div class="empty"><p>Click a channel: the samples that it fires on most show here, and its map on the focused sample.</p></div>
      </section>
    );
  }
  const row = data.steps.indexOf(data.step) * data.nChannels + channel;
  const of = (values: Float32Array): number => values[row] ?? NaN;
  const { mean, max, samples_above_zero: fires } = data.statistics;
  const finding = findingOf(findings, channel);
  const top = data.topSamples.subarray(channel * data.nTop, (channel + 1) * data.nTop);
  const values = data.topValues.subarray(channel * data.nTop, (channel + 1) * data.nTop);
  // After a ReLU the order of the samples that it does not fire on means nothing.
  const shown = [...top.keys()].filter((k) => data.verdict === null || values[k]! > 0);
  return (
    <section class="panel channel-panel" aria-label={`Channel ${channel}`}>
      <header class="panel-head">
        <h2>Channel {channel}</h2>
        {finding && <span class={finding === 'dead' ? 'wrong' : 'warning'}>{finding}</span>}
        <span class="caption ellipsis grow">mean {formatValue(round(of(mean)))} · max {formatValue(round(of(max)))} · fires on {formatPercent(of(fires))}</span>
        <IconButton small icon="close" label="Close the channel" onClick={() => (channelAt.value = null)} />
      </header>
      <div class="channel-scroll">
        <OnFocused channel={channel} />
        <h3 class="channel-title">Samples with the highest maximum</h3>
        {shown.length < top.length && <p class="caption">{shown.length === 0 ? 'It fires on none.' : `It fires on these ${shown.length} only.`}</p>}
        <div class="top-samples">
          {shown.map((k) => (
            <SampleTile key={k} index={top[k]!} size={TILE} value={{ text: formatValue(round(values[k]!)), title: 'Maximum of the channel' }} />
          ))}
        </div>
      </div>
    </section>
  );
}

const round = (value: number): number => Number(value.toPrecision(3));

/** The channel's map on the focused sample. */
function OnFocused({ channel }: { channel: number }): JSX.Element | null {
  const entry = layer.value;
  const maps = shownMaps.value;
  const model = useMemo(() => (maps ? mapModel(maps) : null), [maps]);
  if (!entry || !isSpatial(entry)) return null;
  const whose = subjectName(dropped.value ? null : focused.value);
  const missing = whose === ''
    ? 'Focus a sample to see the channel on it.'
    : ownUnread.value ? UNREAD : maps && channel >= maps.channels
      ? `Only the first ${maps.channels} channels are stored, and no model of this epoch is kept.`
      : !maps && !modelKept.value ? 'No model of this epoch is kept, so that its map is not known.' : '';
  return (
    <div class={model?.maps.shape.length === 2 ? 'on-focused stacked' : 'on-focused'}>
      {model && !missing && <MapPicture model={model} channel={channel} />}
      <div class="on-focused-text">
        <b>{whose === '' ? 'Map' : `On ${whose}`}</b>
        {missing && <span class="caption">{missing}</span>}
        {model && !missing && <span class="caption">max {formatValue(round(model.max[channel]!))} · mean {formatValue(round(model.mean[channel]!))}</span>}
        {model && !missing && <span class="caption">{model.maps.source === 'model' ? `model of epoch ${model.maps.step}` : 'stored map'}, its own scale{model.slices > 1 && `, ${model.how}`}</span>}
        {!missing && !model && modelKept.value && <JobState of={activations} doing="Running the model" />}
        {!missing && <button type="button" class="button small" onClick={() => (layersTab.value = 'maps')}>All maps</button>}
      </div>
    </div>
  );
}

function MapPicture({ model, channel }: { model: ReturnType<typeof mapModel>; channel: number }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = theme.value === 'dark';
  const { width, height } = model.maps;
  const [across, down] = model.proportions;
  useLayoutEffect(() => {
    const raster = model.raster(channel);
    const most = largest(raster);
    const pixels = paintTile({ rasters: [raster], most }, model.scale, dark);
    canvas.current?.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
  }, [model, channel, dark]);
  const exact = (model.how ? 2 * MAP : MAP) / Math.max(across, down);
  const scale = exact >= 1 ? Math.floor(exact) : exact;
  return (
    <canvas
      ref={canvas}
      class="hatched"
      width={width}
      height={height}
      role="img"
      aria-label={`Map of channel ${channel}`}
      style={{ width: `${across * scale}px`, height: `${down * scale}px`, imageRendering: scale >= 1 ? 'pixelated' : 'auto' }}
    />
  );
}
