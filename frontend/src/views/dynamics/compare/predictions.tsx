import { type JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { type Comparison } from '../../../api';
import { Empty } from '../../../elements/states';
import { type Cell } from '../../../store';
import { Matrix, type Painter } from '../../confusion/matrix';
import { Listed } from './changes';
import { disagreementModel } from './disagreement_model';
import { samplesOfCell } from './cells';

/** What the other predicted against what this run does. */
export function Predictions({ found, painter }: { found: Comparison; painter: { current: Painter | null } }): JSX.Element {
  const model = useMemo(() => disagreementModel(found), [found]);
  const [cell, setCell] = useState<Cell | null>(null);
  const marked = useMemo(() => (cell ? [cell] : []), [cell]);
  const samples = useMemo(() => (cell ? samplesOfCell(found, cell) : new Int32Array(0)), [found, cell]);
  const name = (index: number | null): string => (index === null ? 'any' : (found.classNames[index] ?? ''));
  return (
    <div class="compare-predictions">
      <section class="panel" aria-label="Both predictions">
        <div class="matrix-body">
          <Matrix model={model} painter={painter} marked={marked} onChoose={(chosen) => setCell(chosen)} />
        </div>
      </section>
      {cell ? (
        <Listed found={found} samples={samples} title={`${name(cell.label)} → ${name(cell.prediction)}`} of={found.matched} empty="No matched sample of the shown splits is in this cell." />
      ) : (
        <section class="panel" aria-label="Samples of a cell">
          <Empty>Choose a cell, a row or a column: its samples show here.</Empty>
        </section>
      )}
    </div>
  );
}
