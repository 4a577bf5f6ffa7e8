/** Columns, the table, one sample. */

import { type SampleJson, type TableJson, type TableQuery, toNumber } from '../schema';
import { type WireArray, WireError, pick } from '../wire';
import { type Against, beside } from './comparison';
import { columns } from './request';

export type ColumnData = Float32Array | Int32Array | Uint8Array;

/** `slow` tells that one of them may be yet to compute, which only a POST starts. */
export async function fetchColumns(
  run: string,
  step: number,
  names: readonly string[],
  against: Against | null = null,
  slow = false,
): Promise<Map<string, ColumnData>> {
  const parameters = { run, step, names: names.join(','), ...beside(against) };
  const answer = await (slow || against ? columns('columns', {}, { body: parameters }) : columns('columns', parameters, {}));
  return new Map(names.map((name) => [name, columnData(name, answer.arrays.get(name))]));
}

function columnData(name: string, array: WireArray | undefined): ColumnData {
  if (!array) throw new WireError(`the answer lacks the column '${name}'`);
  if (array.data instanceof Uint16Array) throw new WireError(`column '${name}' has 16-bit items`);
  return array.data;
}

export interface TablePage extends TableJson {
  columns: ReadonlyMap<string, ColumnData>;
}

export async function fetchTable(query: TableQuery, key?: string): Promise<TablePage> {
  const { members, slow } = query;
  const parameters = {
    run: query.run,
    step: query.step,
    sort: query.sort,
    descending: query.descending ? 1 : 0,
    offset: query.offset,
    limit: query.limit,
    splits: query.splits.length ? query.splits.join(',') : null,
    focus: query.focus,
    ...beside(query.against),
  };
  const keyed = key === undefined ? {} : { key };
  const answer = members || slow || query.against
    ? await columns('table', {}, { ...keyed, body: { ...parameters, members } })
    : await columns('table', parameters, keyed);
  const data = [...answer.arrays].map(([name, array]) => [name, columnData(name, array)] as const);
  return { ...(answer.json as TableJson), columns: new Map(data) };
}

export interface Sample extends SampleJson {
  steps: Int32Array;
  losses: Float32Array;
  predictions: Int32Array;
  margins: Float32Array;
  labelScores: Float32Array;
  classMedianLosses: Float32Array;
  scoreClasses: Int32Array;
  scores: Float32Array;
}

export async function fetchSample(run: string, step: number, index: number): Promise<Sample> {
  const answer = await columns('sample', { run, step, index }, {});
  const record = answer.json as SampleJson;
  return {
    ...record,
    loss: toNumber(record.loss),
    margin: toNumber(record.margin),
    label_score: toNumber(record.label_score),
    steps: pick(answer, 'steps', Int32Array).data,
    losses: pick(answer, 'loss', Float32Array).data,
    predictions: pick(answer, 'prediction', Int32Array).data,
    margins: pick(answer, 'margin', Float32Array).data,
    labelScores: pick(answer, 'label_score', Float32Array).data,
    classMedianLosses: pick(answer, 'class_median_loss', Float32Array).data,
    scoreClasses: pick(answer, 'score_classes', Int32Array).data,
    scores: pick(answer, 'scores', Float32Array).data,
  };
}
