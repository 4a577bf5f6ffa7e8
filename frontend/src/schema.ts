/** Types of the boundary in docs/http.md. Wire keys stay in snake_case. */

/** A number in JSON: NaN and infinities travel as strings. */
export type WireNumber = number | 'NaN' | 'Infinity' | '-Infinity';

export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  if (value === 'Infinity') return Infinity;
  if (value === '-Infinity') return -Infinity;
  return NaN;
}

export interface RunEntry {
  run: string;
  name: string;
  n_samples: number;
  n_classes: number;
  n_steps: number;
  last_step: number | null;
  created: number;
  error: string | null;
}

export interface SplitInfo {
  name: string;
  start: number;
  count: number;
  total: number;
  low: number;
  high: number;
  channel_means: number[];
  channel_stds: number[];
  non_finite: number;
}

export interface InputInfo {
  shape: [number, number, number];
  dtype: string;
  file: string;
  scale: number | null;
  offset: number | null;
  display_low: number;
  display_high: number;
  display: 'uint8' | 'unit' | 'symmetric' | 'byte' | 'stretched' | 'to_image';
  images_file: string | null;
}

export interface LayerInfo {
  path: string;
  type: string;
  role: string;
  output_shape: (number | null)[] | null;
  trainable: number;
  frozen: number;
  inputs: string[];
  activation: string | null;
  statistics: boolean;
  embedding: boolean;
  convolution: string | null;
  channel_axis: number;
}

export interface EmbeddingInfo {
  layer: string;
  n_features: number;
  pooled: boolean;
}

export interface Manifest {
  attempt: string;
  created: number;
  probe: string;
  class_names: string[];
  splits: SplitInfo[];
  n_samples: number;
  input: InputInfo;
  layers: LayerInfo[];
  graph: boolean;
  embeddings: EmbeddingInfo[];
  classifier: 'softmax' | 'sigmoid';
  loss: string;
  objective: boolean;
  reference_samples: number[];
  top_scores: number | null;
  has_ids: boolean;
  columns: { name: string; kind: string }[];
  reductions: string[];
  warnings: string[];
  freq: number;
  seed: number;
  keras_version: string;
  backend: string;
  package_version: string;
  format_version: number;
}

export type ColumnKind = 'number' | 'integer' | 'category' | 'boolean' | 'index' | 'text';

export interface ColumnInfo {
  name: string;
  title: string;
  kind: ColumnKind;
  per_step: boolean;
  values: string[] | null;
  unit: string | null;
  definition: string;
  /** Whom the definition is by, '' where it is ours. */
  source: string;
  /** Whether it is computed by a job, so that its first values take a while. */
  slow: boolean;
}

export interface AtlasInfo {
  cell_width: number;
  cell_height: number;
  columns: number;
  rows: number;
  per_page: number;
  pages: number;
}

export interface RunPayload {
  run: string;
  name: string;
  manifest: Manifest;
  columns: ColumnInfo[];
  /** Those that a comparison adds. */
  compared?: ColumnInfo[];
  atlas: AtlasInfo;
  /** The same with cells of at most 16 px, for overviews. */
  atlas_small?: AtlasInfo;
  notices: string[];
}

export interface SplitSummary {
  name: string;
  loss: number;
  accuracy: number;
  balanced_accuracy: number;
  non_finite: number;
}

export interface Step {
  step: number;
  attempt: string;
  wall_time: number;
  splits: SplitSummary[];
  learning_rate: number | null;
  restored_from: number | null;
  model: string | null;
  logs: Record<string, number>;
  seconds: number;
}

export interface StepsPayload {
  version: string | number;
  attempt: string;
  live: boolean;
  steps: Step[];
}

export interface TableQuery {
  run: string;
  step: number;
  sort: string;
  descending: boolean;
  offset: number;
  limit: number;
  splits: readonly string[];
  focus: number | null;
  /** Only these samples, as `encodeMembers` writes them; absent: all. */
  members?: string | null;
  /** Whether the column that it is sorted by may be yet to compute. */
  slow?: boolean;
  /** With the columns of a comparison. */
  against?: { run: string; step: number; by: string } | null;
}

export interface TableJson {
  total: number;
  offset: number;
  focus_position: number | null;
  text: Record<string, string[]>;
  /** Columns that are yet to compute, and have no value here. */
  pending: string[];
}

/** What happened to a sample over all logged epochs, as epochs. */
export interface SampleEvents {
  /** At which its prediction was first the label. */
  first_learned: number | null;
  /** At which it went from right to wrong. */
  forgotten: number[];
  /** At which its prediction last changed, and how often it did. */
  last_change: number | null;
  flips: number;
}

export interface SampleJson {
  sample_index: number;
  source_index: number;
  id: string | null;
  split: string;
  label: number;
  prediction: number;
  loss: number;
  margin: number;
  label_score: number;
  rank: number | null;
  ranked: number;
  events: SampleEvents;
  metadata: [string, string][];
}

export interface InputJson {
  low: number;
  high: number;
  display: InputInfo['display'];
  source_dtype: string;
}

export interface ProjectionJson {
  explained: [number, number];
  limits: [number, number, number, number];
  aligned: boolean;
  done: number;
  total: number;
  n_features: number;
  note: string | null;
}

/** `manifest` with its numbers made real numbers again. */
export function reviveManifest(manifest: Manifest): Manifest {
  const splits = manifest.splits.map((split) => ({
    ...split,
    low: toNumber(split.low),
    high: toNumber(split.high),
    channel_means: split.channel_means.map(toNumber),
    channel_stds: split.channel_stds.map(toNumber),
  }));
  const input = {
    ...manifest.input,
    display_low: toNumber(manifest.input.display_low),
    display_high: toNumber(manifest.input.display_high),
  };
  return { ...manifest, splits, input };
}

export function reviveStep(step: Step): Step {
  const splits = step.splits.map((split) => ({
    ...split,
    loss: toNumber(split.loss),
    accuracy: toNumber(split.accuracy),
    balanced_accuracy: toNumber(split.balanced_accuracy),
  }));
  const logs = Object.entries(step.logs).map(([key, value]) => [key, toNumber(value)] as const);
  const rate = step.learning_rate === null ? null : toNumber(step.learning_rate);
  return { ...step, splits, logs: Object.fromEntries(logs), learning_rate: rate };
}
