/** What the two plots share: colours, marks, and the sources that they show. */

import { type ReadonlySignal, computed, signal } from '@preact/signals';
import { type Method, type MethodName } from '../../api';
import { GREY, parseRgb } from '../../color';
import { type Colouring } from '../../colouring';
import { DISC, HIDDEN, HOLLOW, type Ink, MISSING, SELECTED, WRONG } from '../../draw/points';
import { type Joining, type Tool } from '../../elements/scatter/gestures';
import { type PictureLook } from '../../elements/scatter/pictures';
import { type ScatterMarks } from '../../elements/scatter/scatter';
import { FORMLESS, type Shaping } from '../../shaping';
import { SampleSet, colourBy, colouring, column, linkedText, pageColumn, payload, selected, shaping, shownMask, theme } from '../../store';
import { atlasFor, atlasLevels } from '../../store/atlas_pages';
import { type Shown, showLayout } from '../../store/layouts';
import { defaultMethod, parseMethod, printMethod } from '../../store/methods';

export const INPUTS = 'inputs';

function sourceOf(wanted: string, fallback: string): string {
  const layers = payload.value?.manifest.embeddings.map(({ layer }) => layer) ?? [];
  return wanted === INPUTS || layers.includes(wanted) ? wanted : fallback;
}

/** The layer that a run shows first: its penultimate tensor. */
const firstLayer = computed(() => payload.value?.manifest.embeddings[0]?.layer ?? INPUTS);
const sampleCount = computed(() => payload.value?.manifest.n_samples ?? 0);

/** One of the two plots: what it shows, and how. */
export interface Side {
  readonly source: ReadonlySignal<string>;
  readonly method: ReadonlySignal<Method>;
  readonly shown: Shown;
  choose(source: string): void;
  chooseMethod(name: MethodName): void;
  setMethod(method: Method): void;
}

function side(name: string, usual: ReadonlySignal<string>): Side {
  const wantedSource = linkedText(name);
  const wantedMethod = linkedText(`${name}_method`);
  const source = computed(() => sourceOf(wantedSource.value, usual.value));
  const method = computed(() => parseMethod(wantedMethod.value, sampleCount.value));
  const setMethod = (wanted: Method): void => {
    const text = printMethod(wanted, sampleCount.peek());
    wantedMethod.value = text === 'pca' ? '' : text;
  };
  return {
    source,
    method,
    shown: showLayout(source, method),
    choose: (wanted) => void (wantedSource.value = wanted === usual.peek() ? '' : wanted),
    chooseMethod: (wanted) => {
      const { n, seed, metric, aligned, pull } = method.peek();
      setMethod({ ...defaultMethod(wanted, sampleCount.peek(), n), seed, metric, aligned, pull });
    },
    setMethod,
  };
}

export const left: Side = side('left', signal(INPUTS));
export const right: Side = side('right', firstLayer);

/** What dragging in a plot does. */
export const tool = signal<Tool>('pan');

/** Picks a tool; picked again it gives way to panning. */
export function pickTool(wanted: Tool): void {
  tool.value = tool.peek() === wanted ? 'pan' : wanted;
}

/** Whether points are drawn as the samples' own pictures. */
export const drawnAs = linkedText('points', 'dots');

/** Another object with every page of pictures that arrives. */
export const pictures: ReadonlySignal<PictureLook | null> = computed(() => {
  if (drawnAs.value !== 'thumbnails' || atlasLevels.value.length === 0) return null;
  for (const level of atlasLevels.value) void level.arrived.value;
  return { sources: atlasFor };
});

/** What a lasso or box holds becomes the selection, or joins it. */
export function selectEnclosed(mask: Uint8Array, joining: Joining): void {
  const held = SampleSet.fromMask(mask);
  const before = selected.peek();
  selected.value = joining === 'add' ? before.plus(held) : joining === 'remove' ? before.minus(held) : held;
}

/** Height of the plots that the splitter was dragged to; null: square where there is room. */
export const plotsHeight = signal<number | null>(null);

/** Whether wrong predictions are ringed. */
export const wrongRinged = signal(true);

export function packColours({ rgb, hollow, kind }: Pick<Colouring, 'rgb' | 'hollow' | 'kind'>, shaping: Shaping | null = null): Uint8Array {
  const packed = new Uint8Array(4 * hollow.length);
  const outline = kind === 'continuous' ? MISSING : HOLLOW;
  for (let i = 0; i < hollow.length; i++) {
    packed[4 * i] = rgb[3 * i]!;
    packed[4 * i + 1] = rgb[3 * i + 1]!;
    packed[4 * i + 2] = rgb[3 * i + 2]!;
    const form = shaping?.codes[i] ?? 0;
    const body = hollow[i] ? outline : DISC;
    packed[4 * i + 3] = form === FORMLESS ? MISSING : body | (form << 2);
  }
  return packed;
}

export function packFlags(
  visible: ArrayLike<number>,
  correct: ArrayLike<number>,
  chosen: Uint8Array,
): Uint8Array {
  const flags = new Uint8Array(visible.length);
  for (let i = 0; i < flags.length; i++) {
    flags[i] = (visible[i] ? 0 : HIDDEN) | (correct[i] === 0 ? WRONG : 0) | (chosen[i] ? SELECTED : 0);
  }
  return flags;
}

const NOTHING = new Uint8Array(0);

const GREY_RGB = parseRgb(GREY);

/** Colours of points; grey while there is nothing to colour them by. */
const shownColouring: ReadonlySignal<Pick<Colouring, 'rgb' | 'hollow' | 'kind' | 'visible'> | null> = computed(() => {
  const none = pageColumn(colourBy.value)?.data.data.value === null || column(colourBy.value).error.value !== null;
  if (colouring.value || !none) return colouring.value;
  const visible = shownMask.value;
  return { kind: 'discrete', rgb: Uint8Array.from({ length: 3 * visible.length }, (_, k) => GREY_RGB[k % 3]!), hollow: new Uint8Array(visible.length), visible };
});

export const colours: ReadonlySignal<Uint8Array | null> = computed(() =>
  shownColouring.value ? packColours(shownColouring.value, shaping.value) : null,
);

export const marks: ReadonlySignal<ScatterMarks | null> = computed(() => {
  const correct = column('correct').data.value?.values;
  if (!shownColouring.value || !correct) return null;
  const ringed = wrongRinged.value ? correct : NOTHING;
  const flags = packFlags(shownColouring.value.visible, ringed, selected.value.mask);
  return { flags, someSelected: selected.value.size > 0 };
});

const LIGHT: Ink = {
  ground: parseRgb('#ffffff'),
  ink: parseRgb('#212121'),
  wrong: parseRgb('#c62828'),
  edge: [0, 0, 0],
  edgeAlpha: 0.25,
};
const DARK: Ink = {
  ground: parseRgb('#303030'),
  ink: parseRgb('#f1f1f1'),
  wrong: parseRgb('#ff8a80'),
  edge: [255, 255, 255],
  edgeAlpha: 0.35,
};

export const ink: ReadonlySignal<Ink> = computed(() => (theme.value === 'dark' ? DARK : LIGHT));
