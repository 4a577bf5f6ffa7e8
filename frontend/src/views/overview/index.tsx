import { type JSX } from 'preact';
import { payload } from '../../store';
import { ClassHistogram } from './class_histogram';
import { AccuracyCurve, LossCurve } from './curves';
import { DataPanel } from './data_panel';
import { ModelPanel } from './model_panel';
import { Statistics } from './statistics';
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
