import { type JSX } from 'preact';
import { type Input } from '../api';
import { Segmented } from '../elements/segmented';
import { formatValue } from '../format';
import { DEFAULT, type Display, displayOf, setDisplay, windowOf } from './display';

/** Window and gamma of the picture. */
export function Adjust({ run, input }: { run: string; input: Input }): JSX.Element {
  const display = displayOf(run).value;
  const window = windowOf(input, display);
  const set = (change: Partial<Display>): void => setDisplay(run, change);
  const manual = (change: { low?: number; high?: number }): void =>
    set({ range: 'manual', low: window.low, high: window.high, ...change });
  const stretched = input.display === 'stretched';
  return (
    <div class="adjust" role="group" aria-label="Window and gamma">
      <Segmented
        label="Range"
        value={stretched && display.range === 'auto' ? 'percentile' : display.range}
        options={[
          ...(stretched ? [] : [{ value: 'auto' as const, label: 'Whole', title: 'The range of the data set' }]),
          { value: 'percentile', label: '1–99%', title: 'Of this image' },
          { value: 'manual', label: 'Window' },
        ]}
        onChange={(range) => (range === 'manual' ? manual({}) : set({ range }))}
      />
      <button type="button" class="button small" onClick={() => set({ range: DEFAULT.range, gamma: DEFAULT.gamma })}>
        Reset
      </button>
      <NumberField label="Low" value={window.low} onChange={(low) => manual({ low })} />
      <NumberField label="High" value={window.high} onChange={(high) => manual({ high })} />
      <label class="gamma">
        <span class="muted">Gamma</span>
        <input
          type="range"
          min={-2}
          max={2}
          step={0.05}
          value={Math.log2(display.gamma)}
          aria-valuetext={display.gamma.toFixed(2)}
          onInput={(event) => set({ gamma: 2 ** Number(event.currentTarget.value) })}
        />
        <span class="number">{display.gamma.toFixed(2)}</span>
      </label>
    </div>
  );
}

export function NumberField({ label, value, onChange }: { label: string; value: number; onChange(value: number): void }): JSX.Element {
  const commit = (text: string): void => {
    const entered = Number(text.replace('−', '-').replaceAll(',', ''));
    if (text.trim() !== '' && Number.isFinite(entered)) onChange(entered);
  };
  return (
    <label class="adjust-field">
      <span class="muted">{label}</span>
      <input type="text" inputMode="decimal" value={formatValue(value)} onChange={(event) => commit(event.currentTarget.value)} />
    </label>
  );
}
