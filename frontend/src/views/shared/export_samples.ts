/** Samples as files. */

import { type ExportKind, asApiError, fetchExport } from '../../api';
import { SampleSet, against, encodeMembers, payload, selected, shownMask, step } from '../../store';
import { download } from './download';

const FILES: Readonly<Record<ExportKind, string>> = {
  csv: 'samples.csv',
  indices: 'source-indices.csv',
  npy: 'mask.npy',
};

/** The selected samples, or those of the shown splits where none is. */
export function exported(): SampleSet {
  return selected.value.size > 0 ? selected.value : SampleSet.fromMask(shownMask.value);
}

/** Offers `set` as a file; gives what went wrong, or null. */
export async function exportSamples(kind: ExportKind, set: SampleSet): Promise<string | null> {
  const shown = payload.peek();
  const at = step.peek();
  if (!shown || at === null) return 'No run is shown.';
  try {
    const file = await fetchExport(shown.run, at, encodeMembers(set, shown.manifest.n_samples), kind, against.peek());
    download(file, `${shown.name}-epoch-${at}-${FILES[kind]}`.replace(/[^\w.-]+/g, '_'));
    return null;
  } catch (error) {
    const { message, hint } = asApiError(error);
    return `${message}. ${hint}`;
  }
}
