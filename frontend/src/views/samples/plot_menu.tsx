import { type JSX } from 'preact';
import { type ScatterPlot } from '../../elements/scatter/plot';
import { payload } from '../../store';
import { type Picture } from '../../store/layouts';
import { download } from '../shared/download';
import { Menu, type MenuItem } from '../shared/menu';
import { coordinatesCsv, coordinatesNpy } from './coordinates';

export interface PlotMenuProps {
  plot: ScatterPlot | null;
  shown: Picture | null;
  /** In the picture's corners. */
  texts: readonly [string, string];
  source: string;
}

/** A plot as files. */
export function PlotMenu({ plot, shown, texts, source }: PlotMenuProps): JSX.Element {
  const words = [payload.value?.name ?? 'run', shown?.source ?? source, shown?.method.method ?? '', `epoch-${shown?.step ?? 0}`, ...(shown && shown.stage !== 'final' ? ['not-complete'] : [])];
  const name = words.join('-').replace(/[^\w.-]+/g, '_');
  const save = (blob: Blob | null, extension: string): void => void (blob && download(blob, `${name}.${extension}`));
  const items: MenuItem[] = [
    { label: <>Fit <kbd>f</kbd></>, run: () => plot?.fit() },
    { label: 'Picture, PNG', disabled: !plot, run: () => void plot?.toPng(texts).then((blob) => save(blob, 'png')) },
    {
      label: 'Coordinates, CSV',
      disabled: !shown,
      run: () => shown && save(new Blob([coordinatesCsv(shown.xy, shown.index)], { type: 'text/csv' }), 'csv'),
    },
    {
      label: 'Coordinates, NPY',
      disabled: !shown,
      run: () => shown && save(new Blob([coordinatesNpy(shown.xy, shown.index)]), 'npy'),
    },
  ];
  return <Menu small icon="more" label={`More for the plot of ${source}`} items={items} />;
}
