/** Maps of the focused sample: side by side, over the epochs, over the selected set. */

import { type ReadonlySignal, computed, effect, signal, untracked } from '@preact/signals';
import { type Attribution, type Deletion, type MapRequest, type Sheet, fetchAttribution, fetchDeletion, fetchSheet } from '../api';
import {
  CHOICES,
  type Choice,
  type ImageSize,
  MOST_FORWARDS,
  type MapSpec,
  choiceOf,
  defaultSpec,
  forwardsOf,
  parseChoices,
  specOf,
  wireParameters,
} from './attribution_specs';
import { column } from './data';
import { JobFollower, type WantedJob } from './job_follower';
import { isSpatial, keptModels } from './layers';
import { link, linkedText } from './link';
import { dropped, leaveOwnImage, ownImage } from './own_image';
import { Cache } from './resource';
import { SampleSet, encodeMembers } from './sample_set';
import { focused, payload, selected, step, view } from './state';

export const MOST_MAPS = 3;
const CACHE_BYTES = 24 * 2 ** 20;
const REST_MS = 300;
const DELETION_REST_MS = 600;
/** Epochs side by side. */
export const MOST_EPOCHS = 12;

const USUAL: readonly Choice[] = [{ method: 'occlusion' }, { method: 'grad_cam' }, { method: 'integrated_gradients' }];
const choices = signal<readonly Choice[]>(USUAL);
link('maps', choices, (text) => parseChoices(text, MOST_MAPS), (list) => (list === USUAL ? null : JSON.stringify(list)));

/** Several methods; one over the `epochs`; one over the selected set as a `sheet`. */
const chosenMode = linkedText('attribution');
/** A dropped image is no part of a sheet. */
export const attributionMode: ReadonlySignal<string> = computed(() =>
  chosenMode.value === 'epochs' || (chosenMode.value === 'sheet' && !dropped.value) ? chosenMode.value : '',
);
export function chooseAttributionMode(mode: string): void {
  if (mode === 'sheet') leaveOwnImage();
  chosenMode.value = mode;
}
/** Share of the maps over the picture. */
export const mapOpacity = signal(0.85);
/** The pixel that is pointed at, in all maps. */
export const pointed = signal<{ x: number; y: number } | null>(null);

export const imageSize: ReadonlySignal<ImageSize> = computed(() => {
  const [height = 1, width = 1] = payload.value?.manifest.input.shape ?? [];
  return [height, width];
});

/** Layers with maps of two axes. */
export const mapLayers: ReadonlySignal<readonly string[]> = computed(() =>
  (payload.value?.manifest.layers ?? [])
    .filter((layer) => layer.output_shape?.length === 3 && isSpatial(layer))
    .map(({ path }) => path),
);

export const specs: ReadonlySignal<readonly MapSpec[]> = computed(() =>
  choices.value.map((choice) => specOf(choice, imageSize.value, mapLayers.value)),
);

export function setSpec(at: number, spec: MapSpec): void {
  choices.value = choices.value.map((choice, k) => (k === at ? choiceOf(spec, imageSize.peek()) : choice));
}

/** Another method for a map, for the same class. */
export function chooseMapMethod(at: number, method: MapSpec['method']): void {
  const target = specs.peek()[at]?.target ?? 'prediction';
  setSpec(at, { ...defaultSpec(method, imageSize.peek()), target });
}

export function addMap(method: MapSpec['method']): void {
  if (choices.peek().length < MOST_MAPS) choices.value = [...choices.peek(), { method }];
}

export function removeMap(at: number): void {
  if (choices.peek().length > 1) choices.value = choices.peek().filter((_, k) => k !== at);
}

/** The sample that is explained; null without one in this run. */
export const explained: ReadonlySignal<number | null> = computed(() => {
  const index = focused.value;
  return index !== null && index < (payload.value?.manifest.n_samples ?? 0) ? index : null;
});

/** What the server calls it: the sample, or the user's own image once that is read. */
const subject: ReadonlySignal<MapRequest['subject'] | null> = computed(() => {
  if (dropped.value) return ownImage.value ? { image: ownImage.value.image } : null;
  return explained.value === null ? null : { index: explained.value };
});

/** What the sample is taken for at the shown epoch, or its label; null: not known. */
export function knownClass(name: 'prediction' | 'label'): number | null {
  const value = dropped.value ? ownClass(name) : sampleClass(name);
  return value >= 0 ? value : null;
}

function ownClass(name: 'prediction' | 'label'): number {
  return name === 'prediction' ? (ownImage.value?.prediction ?? -1) : -1;
}

function sampleClass(name: 'prediction' | 'label'): number {
  const at = explained.value;
  return at === null ? -1 : (column(name).data.value?.values[at] ?? -1);
}

const confirmed = signal<ReadonlySet<string>>(new Set());

interface Question extends WantedJob<Attribution> {
  readonly request: MapRequest;
  /** It takes so many forwards, and nobody has agreed to that. */
  readonly tooMany: number | null;
}

/** The class that is asked for; undefined while it is not known. Without one of its own a map is of the prediction. */
function askedClass({ target }: MapSpec, fixed: boolean): number | null | undefined {
  if (typeof target === 'number') return target;
  if (target === 'label') return knownClass('label') ?? (dropped.value || column('label').data.value ? null : undefined);
  return fixed ? (knownClass('prediction') ?? undefined) : null;
}

/** How a map at an epoch is asked for; null while that is not possible. */
function questionOf(spec: MapSpec | undefined, at: number | null, fixedClass: boolean): Question | null {
  const shown = payload.value;
  const of = subject.value;
  if (!spec || !shown || of === null || at === null || !keptModels.value.includes(at)) return null;
  const asked = askedClass(spec, fixedClass);
  if (asked === undefined) return null;
  const request: MapRequest = { run: shown.run, step: at, subject: of, method: spec.method, class: asked, parameters: wireParameters(spec), confirmed: false };
  const attempt = shown.manifest.attempt;
  const key = JSON.stringify([attempt, request]);
  const scope = JSON.stringify([attempt, shown.run, at, of, spec.method, asked]);
  const forwards = forwardsOf(spec, imageSize.value);
  const agreed = confirmed.value.has(key);
  const sent = { ...request, confirmed: agreed };
  return { key, scope, request: sent, tooMany: forwards > MOST_FORWARDS && !agreed ? forwards : null, fetch: (start, known) => fetchAttribution(sent, start, known) };
}

const maps = new Cache<Attribution>(CACHE_BYTES);
const curves = new Cache<Deletion>(2 ** 20);
const mapFollower = (): JobFollower<Attribution> =>
  new JobFollower(maps, ({ map, raw }) => (map?.byteLength ?? 0) + (raw?.data.byteLength ?? 0), ({ map }) => map !== null, REST_MS);

/** One map: how it is asked for and how far it is. */
export class MapSlot {
  readonly follower = mapFollower();
  readonly question: ReadonlySignal<Question | null>;
  /** What there is to show of what is asked for, or of other parameters before. */
  readonly shown: ReadonlySignal<Attribution | null>;
  /** False: `shown` was made with other parameters. */
  readonly current: ReadonlySignal<boolean>;

  constructor(question: () => Question | null) {
    this.question = computed(question);
    this.current = computed(() => this.follower.answer.value?.key === this.question.value?.key);
    this.shown = computed(() => {
      const answer = this.follower.answer.value;
      return answer && answer.scope === this.question.value?.scope ? answer.value : null;
    });
  }

  /** Done, failed or stopped. */
  get settled(): boolean {
    if (this.follower.error.value !== null || this.follower.job.value?.state === 'cancelled') return true;
    return this.current.value && this.shown.value?.state === 'done';
  }

  confirm(): void {
    const key = this.question.peek()?.key;
    if (key) confirmed.value = new Set([...confirmed.peek(), key]);
  }

  /** Asks, unless it takes too much or it is not its turn. */
  follow(turn: boolean): void {
    const asked = this.question.value;
    const wanted = asked && asked.tooMany === null && turn ? asked : null;
    untracked(() => this.follower.follow(wanted));
  }
}

/** The maps side by side, as many as `specs`. */
export const slots: readonly MapSlot[] = Array.from({ length: MOST_MAPS }, (_, at) => new MapSlot(() => questionOf(specs.value[at], step.value, false)));

/** The deletion curve of each. */
export const deletions: readonly JobFollower<Deletion>[] = slots.map(
  () => new JobFollower<Deletion>(curves, ({ score }) => 8 * score.length + 64, ({ score }) => score.length > 0, DELETION_REST_MS),
);

/** What replaces the pixels that go. */
export const deletionFill = signal('mean');
link('deletion.fill', deletionFill, (text) => CHOICES.baseline?.find(([fill]) => fill === text)?.[0], (fill) => (fill === 'mean' ? null : fill));

function wantedDeletion(slot: MapSlot): WantedJob<Deletion> | null {
  const asked = slot.question.value;
  if (!asked || !slot.current.value || slot.shown.value?.state !== 'done') return null;
  const { key, scope, request } = asked;
  const fill = deletionFill.value;
  return { key: `${key} ${fill}`, scope, fetch: (start) => fetchDeletion(request, fill, start) };
}

/** The curves of the maps as they are asked for now. */
export const shownDeletions: ReadonlySignal<readonly (Deletion | null)[]> = computed(() =>
  slots.map((slot, k) => {
    const answer = deletions[k]?.answer.value;
    return answer && answer.key === `${slot.question.value?.key} ${deletionFill.value}` ? answer.value : null;
  }),
);

/** Epochs that are shown side by side, spread over those with a kept model. */
export const comparedEpochs: ReadonlySignal<readonly number[]> = computed(() => {
  const kept = keptModels.value;
  if (kept.length <= MOST_EPOCHS) return kept;
  return Array.from({ length: MOST_EPOCHS }, (_, k) => kept[Math.round((k * (kept.length - 1)) / (MOST_EPOCHS - 1))]!);
});

/** The first map at each of `comparedEpochs`. */
export const epochSlots: readonly MapSlot[] = Array.from(
  { length: MOST_EPOCHS },
  (_, k) => new MapSlot(() => questionOf(specs.value[0], comparedEpochs.value[k] ?? null, true)),
);

/** Samples on a sheet. */
export const MOST_SHEET = 64;
const sheets = new Cache<Sheet>(CACHE_BYTES);
export const sheetFollower = new JobFollower<Sheet>(sheets, ({ maps: all }) => all.byteLength, ({ index }) => index.length > 0, REST_MS);

interface SheetQuestion extends WantedJob<Sheet> {
  readonly spec: MapSpec;
  readonly members: readonly number[];
  readonly tooMany: number | null;
}

/** The first map of the selected samples, of at most `MOST_SHEET`. A label is each sample's own: the sheet takes the prediction for it. */
export const sheetQuestion: ReadonlySignal<SheetQuestion | null> = computed(() => {
  const [shown, at, spec] = [payload.value, step.value, specs.value[0]];
  const members = [...selected.value.indices().subarray(0, MOST_SHEET)];
  if (!shown || !spec || at === null || members.length === 0 || !keptModels.value.includes(at)) return null;
  const of = typeof spec.target === 'number' ? spec.target : null;
  const request = { run: shown.run, step: at, method: spec.method, class: of, parameters: wireParameters(spec) };
  const scope = JSON.stringify([shown.manifest.attempt, shown.run, at, spec.method, of, members]);
  const key = JSON.stringify([scope, request]);
  const forwards = members.length * forwardsOf(spec, imageSize.value);
  const agreed = confirmed.value.has(key);
  const set = encodeMembers(SampleSet.of(members, shown.manifest.n_samples), shown.manifest.n_samples);
  return { key, scope, spec, members, tooMany: forwards > MOST_FORWARDS && !agreed ? forwards : null, fetch: (start, known) => fetchSheet({ ...request, confirmed: agreed }, set, start, known) };
});

/** The sheet of these samples by this method, be it by other parameters. */
export const shownSheet: ReadonlySignal<Sheet | null> = computed(() => {
  const answer = sheetFollower.answer.value;
  return answer && answer.scope === sheetQuestion.value?.scope ? answer.value : null;
});

export function confirmSheet(): void {
  const key = sheetQuestion.peek()?.key;
  if (key) confirmed.value = new Set([...confirmed.peek(), key]);
}

/** Asks for what the view shows until the returned function is called. */
export function startAttribution(): () => void {
  const stop = effect(() => {
    const mode = attributionMode.value;
    const epochs = mode === 'epochs';
    const methods = !epochs && mode !== 'sheet';
    slots.forEach((slot, k) => slot.follow(methods && k < specs.value.length));
    slots.forEach((slot, k) => {
      const wanted = methods ? wantedDeletion(slot) : null;
      untracked(() => deletions[k]?.follow(wanted));
    });
    // One epoch after the other: the worker does one job at a time.
    let free = epochs;
    for (const slot of epochSlots) {
      slot.follow(free);
      free &&= !slot.question.value || slot.question.value.tooMany !== null || slot.settled;
    }
    const sheet = mode === 'sheet' ? sheetQuestion.value : null;
    untracked(() => sheetFollower.follow(sheet?.tooMany === null ? sheet : null));
  });
  return () => {
    stop();
    for (const { follower } of [...slots, ...epochSlots]) follower.rest();
    for (const follower of [...deletions, sheetFollower]) follower.rest();
  };
}

/** Shows why the focused sample is taken for what it is taken for. */
export function explain(): void {
  view.value = 'attribution';
}
