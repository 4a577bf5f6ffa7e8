/** The state that views share. Elements and drawing do not know it; views pass them what they need. */

import { batch } from '@preact/signals';
import { link, parseIndex, startLink } from './store/link';
import { watchTheme, watchVisibility } from './store/page';
import { startPlayer } from './store/play';
import { startCollections } from './store/collections';
import { startQuery } from './store/query';
import { startOwnImage } from './store/own_image';
import { startPool } from './store/pool';
import { noteLinkedRun, startPolling } from './store/runs';
import { startSelectionHistory } from './store/selection_history';
import { startSimilar } from './store/similar';
import { colourBy, focused, lossScale, payload, run, shownSplits, step, view } from './store/state';
import { startTableScope } from './store/table_scope';
import { startVerdicts } from './store/verdicts';

export * from './store/state';
export { playing, moveStep, goToStep, togglePlay, MS_PER_EPOCH } from './store/play';
export { theme, pageVisible, type Theme } from './store/page';
export { type Resource, type ResourceOptions, type Wanted, Cache, follow } from './store/resource';
export { type Column, column, projection } from './store/data';
export { inspectedInput, inspectedSample } from './store/inspected';
export { SampleSet, decodeMembers, encodeMembers } from './store/sample_set';
export { type Row, type Sort, TableRows, tableSort } from './store/table';
export { type TableScope, listedSelection, selectByRow, shownTotal, tableScope } from './store/table_scope';
export * from './store/collections';
export { exportCollections, importCollections } from './store/collections_csv';
export { optionalColumns, showColumn, tableColumnsShown } from './store/shown_columns';
export { distributions } from './store/distributions';
export * from './store/query';
export * from './store/pool';
export * from './store/similar';
export * from './store/duplicates';
export { canRedoSelection, canUndoSelection, redoSelection, undoSelection } from './store/selection_history';
export { atlasAddress } from './store/data';
export * from './store/attribution';
export * from './store/own_image';
export * from './store/change';
export * from './store/confusion';
export { type Highest, commonHighest } from './store/matrices';
export * from './store/dynamics';
export { type PageColumn, pageColumn, pageColumns, providePageColumn } from './store/page_columns';
export * from './store/comparison';
export * from './store/label_errors';
export * from './store/review_evidence';
export * from './store/verdicts';
export { exportVerdicts, importVerdicts } from './store/verdicts_csv';
export { type FollowedJob } from './store/followed_job';
export { activations, isReference, referenceMaps, shownMaps } from './store/layer_maps';
export * from './store/layers';
export { currentLink, link, linkedChoice, linkedText } from './store/link';
export { bestStep, epochMarks, judgingSplit } from './store/marks';
export { loadRun, loadRuns, loadSteps } from './store/runs';
export { classStyles, colouring, shapeBy, shapeColumns, shaping } from './store/classes';
export type { Projection } from './api';

const nonEmpty = (text: string): string | undefined => (text === '' ? undefined : text);
const linkedRun = (text: string): string | undefined => {
  noteLinkedRun(text);
  return nonEmpty(text);
};
const index = (text: string): number | undefined => parseIndex(text) ?? undefined;
const printIndex = (value: number | null): string | null => (value === null ? null : String(value));

link('view', view, (text) => (/^[a-z]{1,20}$/.test(text) ? text : undefined), (value) => value);
link('run', run, linkedRun, (value) => value);
link('step', step, index, printIndex);
link('focus', focused, index, printIndex);
link('colour', colourBy, nonEmpty, (value) => (value === 'label' ? null : value));
link('scale', lossScale, (text) => (text === 'log' ? 'log' : 'linear'), (value) => (value === 'log' ? value : null));
link('splits', shownSplits, parseSplits, printSplits);

function parseSplits(text: string): ReadonlySet<string> | undefined {
  try {
    const names: unknown = JSON.parse(text);
    if (!Array.isArray(names)) return undefined;
    return new Set(names.filter((name) => typeof name === 'string'));
  } catch {
    return undefined;
  }
}

function printSplits(shown: ReadonlySet<string>): string | null {
  const splits = payload.value?.manifest.splits ?? [];
  return shown.size === splits.length ? null : JSON.stringify([...shown]);
}

/** Starts everything that follows the world outside; gives the way to stop it. */
export function startStore(root: Element): () => void {
  const stops = batch(() => [
    startLink(),
    watchTheme(),
    watchVisibility(root),
    startPlayer(),
    startPolling(),
    startSelectionHistory(),
    startTableScope(),
    startCollections(),
    startVerdicts(),
    startQuery(),
    startPool(),
    startSimilar(),
    startOwnImage(),
  ]);
  return () => stops.forEach((stop) => stop());
}
