/** The ranking and a sample's chart as files. */

import { type LabelErrors, fetchColumns } from '../../../api';
import { type Value, csv } from '../../../csv';
import { payload, splitOf, verdicts } from '../../../store';
import { download } from '../../shared/download';
import { svgPng } from '../../shared/svg_png';
import { className } from './words';

/** These places of a ranking, a row a sample, with all evidence. */
export async function rankingCsv(found: LabelErrors, places: readonly number[]): Promise<string> {
  const shown = payload.peek();
  if (!shown) throw new Error('No run is shown.');
  const columns = await fetchColumns(shown.run, found.step, ['source_index', 'label']);
  const evidence = [...found.evidence];
  const head: Value[] = ['sample_index', 'split', 'source_index', 'label', 'suggested_label', 'score', 'reason', ...evidence.map(([name]) => name), 'verdict'];
  const rows = places.map((at): Value[] => {
    const index = found.index[at] ?? -1;
    return [
      index,
      splitOf(index),
      columns.get('source_index')?.[index] ?? NaN,
      className(columns.get('label')?.[index] ?? -1),
      className(found.suggested[at] ?? -1),
      found.score[at] ?? NaN,
      found.reasons[at] ?? '',
      ...evidence.map(([, values]) => values[at] ?? NaN),
      verdicts.peek().get(index)?.word ?? '',
    ];
  });
  return csv([head, ...rows]);
}

/** The chart of the sample under review; gives what is to be said of it. */
export async function savePicture(index: number): Promise<string> {
  const chart = document.querySelector<SVGSVGElement>('.review-chart svg');
  const page = document.querySelector('.app');
  const picture = chart && page && (await svgPng([chart], page));
  if (!picture) return 'The picture could not be made.';
  download(picture, `${payload.peek()?.name ?? 'run'}-scores-of-${index}.png`.replace(/[^\w.-]+/g, '_'));
  return '';
}
