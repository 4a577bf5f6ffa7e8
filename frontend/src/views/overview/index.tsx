import { type JSX } from 'preact';
import { type RunPayload } from '../../schema';
import { payload, steps } from '../../store';
import { download } from '../shared/download';
import { Menu } from '../shared/menu';
import { ClassHistogram } from './class_histogram';
import { AccuracyCurve, LossCurve } from './curves';
import { DataPanel } from './data_panel';
import { ModelPanel } from './model_panel';
import { Statistics } from './statistics';
import { epochsCsv, layersCsv } from './tables';
import './overview.css';

/** What is watched, how training goes, the model and the data. */
export function Overview(): JSX.Element {
  const shown = payload.value;
  return (
    <>
      <header class="view-head">
        <h1>Overview</h1>
        {shown && (
          <span
            class="caption ellipsis"
            title="All numbers are of the network in inference mode. The stored loss leaves sample and class weights out."
          >
            {shown.name} · Keras {shown.manifest.keras_version}, {shown.manifest.backend} · inference-mode record, sample and class weights left out
          </span>
        )}
        <span class="grow" />
        {shown && <SaveMenu shown={shown} />}
      </header>
      {shown && (
        <div class="view-body overview">
          <Statistics shown={shown} />
          <div class="overview-curves">
            <LossCurve />
            <AccuracyCurve />
            <ClassHistogram shown={shown} />
          </div>
          <div class="overview-parts">
            <ModelPanel manifest={shown.manifest} />
            <DataPanel shown={shown} />
          </div>
        </div>
      )}
    </>
  );
}

function SaveMenu({ shown }: { shown: RunPayload }): JSX.Element {
  const save = (text: string, what: string): void =>
    download(new Blob([text], { type: 'text/csv' }), `${shown.name}-${what}.csv`.replace(/[^\w.-]+/g, '_'));
  return (
    <Menu
      icon="save"
      label="Export"
      items={[
        { label: 'Epochs, CSV', run: () => save(epochsCsv(steps.value), 'epochs') },
        { label: 'Layers, CSV', run: () => save(layersCsv(shown.manifest.layers), 'layers') },
      ]}
    />
  );
}
