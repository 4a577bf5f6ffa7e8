import { type JSX } from 'preact';
import { type ExportKind } from '../../api';
import { formatCount } from '../../format';
import { say } from '../../frame/toast';
import { selected, shownTotal } from '../../store';
import { exportSamples, exported } from './export_samples';
import { Menu, type MenuItem } from './menu';

const KINDS: readonly [ExportKind, string][] = [
  ['csv', 'Table, CSV'],
  ['indices', 'Source indices'],
  ['npy', 'NPY mask'],
];

export function exportItems(): MenuItem[] {
  return KINDS.map(([kind, label]) => ({
    label,
    run: () => void exportSamples(kind, exported()).then((problem) => problem && say(problem)),
  }));
}

/** The selected samples, or all, as files. */
export function ExportMenu(): JSX.Element {
  const { size } = selected.value;
  const what = size > 0 ? `the ${formatCount(size)} selected samples` : `all ${formatCount(shownTotal.value)} samples`;
  return <Menu small icon="save" label={`Export ${what}`} items={exportItems()} />;
}
