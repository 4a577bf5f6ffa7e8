import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type Channels, type Layers, asApiError, fetchChannels } from '../../api';
import { Select } from '../../elements/select';
import { Empty, ErrorStrip, sentence } from '../../elements/states';
import { formatCount, formatPercent } from '../../format';
import { say } from '../../frame/toast';
import { channelAt, channels, layer, linkedChoice, payload, step } from '../../store';
import { Menu } from '../shared/menu';
import { ChannelPanel } from './channel_panel';
import { FIGURES, type Figure, type Finding, findingsOf, orderOf, timelineOf } from './channel_model';
import { channelsCsv, deadCsv, fileName, saveCanvas, saveText } from './files';
import { ScaleBar, titled } from './scale_bar';
import { NanKey } from './tile_grid';
import { Timeline, type TimelinePainter } from './timeline';

const figure = linkedChoice<Figure>('channels.show', ['never', 'sparsity', 'mean', 'max', 'std', 'saturated']);
const sorting = linkedChoice('channels.sort', ['index', 'value']);

/** What each channel does over the samples and epochs, and those that do nothing. */
export function ChannelsTab({ shown }: { shown: Layers }): JSX.Element {
  const entry = layer.value;
  const { data, error, loading, retry } = channels;
  const found = data.value;
  const painter = useRef<TimelinePainter | null>(null);
  const figures = FIGURES.filter(({ name }) => name !== 'saturated' || found?.statistics.saturated.some((value) => !Number.isNaN(value)));
  const chosen = figures.some(({ name }) => name === figure.value) ? figure.value : 'never';
  const about = FIGURES.find(({ name }) => name === chosen) ?? FIGURES[0];
  const values = useMemo(() => (found ? timelineOf(found, chosen) : null), [found, chosen]);
  const findings = useMemo(() => (found ? findingsOf(found) : []), [found]);
  const order = useMemo(
    () => (found && values ? orderOf(values, found.nChannels, found.steps.indexOf(found.step), sorting.value === 'value') : []),
    [found, values, sorting.value],
  );
  const report = { label: 'Dead channels of all layers, CSV', run: () => void saveReport(shown) };
  if (entry && !entry.statistics) {
    return (
      <section class="panel" aria-label="Channels">
        <header class="panel-head"><h2>Channels</h2><span class="grow" /><Menu small icon="save" label="Save the report" items={[report]} /></header>
        <Empty>{`The channels of ${entry.path} (${entry.type}) are not watched${shown.step === step.value ? ` at epoch ${shown.step}` : ''}: ${shown.layers.some(({ statistics }) => statistics) ? 'layers shown in bold are.' : 'no layer’s are. Train with layers=[…], or leave it out for the usual ones.'}`}</Empty>
      </section>
    );
  }
  const picture = (): void => {
    const made = painter.current?.();
    if (!made || !found || !values) return;
    saveCanvas(titled(made.canvas, `${found.layer}: ${about.definition}`, values, made.ink), fileName(found.step, found.layer, `${chosen}.png`));
  };
  const waiting = loading.value;
  return (
    <div class="channels">
      <section class="panel" aria-label="Channels over the epochs">
        <header class="panel-head">
          <h2>Channels</h2>
          <span class="grow" />
          <Select small caption label="Show" title={about.definition} value={chosen} options={figures.map(({ name, label }) => ({ value: name, label }))} onChange={(value) => (figure.value = value as Figure)} />
          <Select small caption label="Sort" value={sorting.value} options={[{ value: 'index', label: 'index' }, { value: 'value', label: 'value' }]} onChange={(value) => (sorting.value = value as 'index' | 'value')} />
          <Menu
            small
            icon="save"
            label="Save the channels"
            items={[
              { label: 'Picture, PNG', disabled: !found, run: picture },
              { label: 'Statistics, CSV', disabled: !found, run: () => found && saveText(channelsCsv(found), fileName(found.step, found.layer, 'channels.csv')) },
              report,
            ]}
          />
        </header>
        {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={retry} />}
        {!found && !error.value && <Empty>Reading the statistics…</Empty>}
        {found && values && (
          <>
            <Timeline key={found.layer} data={found} figure={chosen} values={values} order={order} findings={findings} waiting={waiting} painter={painter} />
            <footer class="panel-foot">
              <span class="ellipsis" title={about.definition}>{about.short}</span>
              <span class="grow" />
              {values.values.some(Number.isNaN) && <NanKey />}
              <ScaleBar scale={values.scale} most={values.most} />
            </footer>
          </>
        )}
      </section>
      {found && (
        <div class="channels-side">
          <Findings data={found} findings={findings} shown={shown} />
          <ChannelPanel data={found} findings={findings} />
        </div>
      )}
    </div>
  );
}

const MEANING: Readonly<Record<Finding['name'], string>> = {
  dead: 'never above zero, anywhere on any sample',
  'almost dead': 'above zero on 1% of the samples at most',
  saturated: 'beyond 99% of the range at 95% of the positions or more',
};

function Findings({ data, findings, shown }: { data: Channels; findings: readonly Finding[]; shown: Layers }): JSX.Element {
  const n = formatCount(shown.nSamples);
  return (
    <section class="panel findings-panel" aria-label="Dead and saturated channels">
      <header class="panel-head">
        <h2>At epoch {data.step}</h2>
        {data.verdict && !data.note && <span class="caption ellipsis">after {data.activation ?? 'its activation'}</span>}
      </header>
      <div class="findings-list">
        {data.note && <p class="caption">{sentence(data.note)}</p>}
        {findings.map(({ name, channels: found }) => (
          <div key={name}>
            <span title={MEANING[name]}><b class={name === 'dead' && found.length ? 'wrong' : ''}>{formatCount(found.length)}</b> {name} <span class="caption">{MEANING[name]}</span></span>
            <span class="chips">
              {found.map((channel) => (
                <button key={channel} type="button" class="chip" aria-pressed={channelAt.value === channel} onClick={() => (channelAt.value = channel)}>{channel}</button>
              ))}
            </span>
            {name === 'dead' && found.length > 0 && (
              <p class="caption">Never seen on {n} samples: each fires on at most {formatPercent(shown.bound, shown.bound < 0.01 ? 2 : 1)} of such samples, at 95%.</p>
            )}
          </div>
        ))}
      </div>
    </section>
  );
}

/** The numbers of the channels of every layer that has any. */
async function saveReport(shown: Layers): Promise<void> {
  const run = payload.peek()?.run;
  if (run === undefined) return;
  try {
    const some = shown.layers.filter(({ statistics, dead, almost_dead: almost }) => statistics && (dead ?? 0) + (almost ?? 0) > 0);
    const found = new Map<string, Channels>();
    for (const { path } of some) found.set(path, await fetchChannels(run, shown.step, path));
    saveText(deadCsv(shown, found), fileName(shown.step, 'dead-channels.csv'));
  } catch (error) {
    const { message, hint } = asApiError(error);
    say(`${message} ${hint}`);
  }
}

