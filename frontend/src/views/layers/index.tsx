import { type JSX } from 'preact';
import { type LayerEntry } from '../../api';
import { Segmented } from '../../elements/segmented';
import { Empty, ErrorStrip } from '../../elements/states';
import { formatCount, formatShape } from '../../format';
import { isSpatial, layer, layers, layersTab, step } from '../../store';
import { ChannelsTab } from './channels_tab';
import { KernelsTab } from './kernels_tab';
import { LayerList, verdictText } from './layer_list';
import { MapsTab } from './maps_tab';
import './layers.css';

const TABS: readonly { value: string; label: string; useful(entry: LayerEntry): boolean }[] = [
  { value: 'kernels', label: 'Kernels', useful: ({ role }) => role === 'convolution' },
  { value: 'maps', label: 'Maps', useful: isSpatial },
  { value: 'channels', label: 'Channels', useful: ({ statistics }) => statistics },
];

/** What each layer has learnt, what it makes of a sample, and which of its channels do nothing. */
export function LayersView(): JSX.Element {
  const { data, error, loading, retry } = layers;
  const shown = data.value;
  const tab = TABS.find(({ value }) => value === layersTab.value) ?? TABS[0]!;
  return (
    <>
      <header class="view-head">
        <h1>Layers</h1>
        <Facts />
        <span class="grow" />
        <Segmented label="What is shown" value={tab.value} options={TABS} onChange={(value) => (layersTab.value = value)} />
      </header>
      {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={retry} />}
      {!shown && !error.value && <div class="empty waiting" role="status">Reading the layers</div>}
      {shown && shown.layers.length === 0 && <Empty>The layers of this model were not recorded.</Empty>}
      {shown && shown.layers.length > 0 && (
        <div class="view-body layers">
          <LayerList shown={shown} useful={tab.useful} waiting={loading.value && shown.step !== step.value} />
          {tab.value === 'kernels' && <KernelsTab />}
          {tab.value === 'maps' && <MapsTab />}
          {tab.value === 'channels' && <ChannelsTab shown={shown} />}
        </div>
      )}
    </>
  );
}

function Facts(): JSX.Element {
  const [entry, list] = [layer.value, layers.data.value];
  if (!entry || !list) return <span class="caption">kernels, maps and channels</span>;
  return (
    <span class="caption ellipsis" title={verdictText(entry)}>
      <b>{entry.path}</b> · {entry.type} · output {formatShape(entry.output_shape)} · watched on {formatCount(list.nSamples)} samples
    </span>
  );
}
