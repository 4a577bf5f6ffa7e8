import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { inkOn } from '../../color';
import { placeIn, rampOf } from '../../draw/ramp';
import { type KernelNorms } from '../../api';
import { IconButton } from '../../elements/button';
import { LineChart } from '../../elements/line_chart';
import { useSize } from '../../elements/use_size';
import { formatValue } from '../../format';
import { channelAt, goToStep, step, theme } from '../../store';
import { type KernelModel } from './kernel_model';
import { largest } from './tiles';

/** Kernels up to this side are written out as numbers. */
const MOST_SIDE = 5;

export interface FilterStripProps {
  model: KernelModel;
  filter: number;
  channels: readonly number[];
  depth: number;
  norms: KernelNorms | null;
  at: number;
  /** High end of the scale; null: the slice's own. */
  most: number | null;
}

/** One filter: its weights as numbers, its norm, and its change over the epochs. */
export function FilterStrip({ model, filter, channels, depth, norms, at, most }: FilterStripProps): JSX.Element {
  const room = useRef<HTMLDivElement>(null);
  const [width] = useSize(room);
  const k = norms ? norms.steps.indexOf(at) : -1;
  const of = (values: Float32Array): number => (norms && k >= 0 ? (values[k * norms.nFilters + filter] ?? NaN) : NaN);
  const later = norms?.steps.subarray(1) ?? new Int32Array(0);
  const change = norms ? Array.from(later, (_, row) => norms.change[(row + 1) * norms.nFilters + filter]!) : [];
  return (
    <div class="filter-strip" aria-label={`Filter ${filter}`}>
      <div class="filter-facts">
        <b>Filter {filter}</b>
        <span class="caption">{channels.length > 1 ? 'red, green, blue' : `input ${model.channelOf(filter, channels[0] ?? 0)}`}</span>
        {norms && k >= 0 && <span class="caption">norm {formatValue(of(norms.norm))}</span>}
        {norms && k > 0 && <span class="caption">change {formatValue(of(norms.change))}</span>}
      </div>
      {model.width <= MOST_SIDE && model.height <= MOST_SIDE && channels.map((channel) => (
        <Weights key={channel} model={model} filter={filter} channel={channel} depth={depth} most={most} />
      ))}
      <div class="filter-chart" ref={room}>
        {change.length > 0 && width > 0 && (
          <LineChart
            label={`Change of filter ${filter} per epoch`}
            x={later}
            series={[{ label: 'change', values: change, style: 'solid' }]}
            width={Math.min(280, width)}
            height={96}
            left={44}
            cursor={later.includes(step.value ?? -1) ? step.value : null}
            include={[0]}
            onPick={goToStep}
          />
        )}
      </div>
      <IconButton small icon="close" label="Close the filter" onClick={() => (channelAt.value = null)} />
    </div>
  );
}

function Weights({ model, filter, channel, depth, most }: Pick<FilterStripProps, 'model' | 'filter' | 'depth' | 'most'> & { channel: number }): JSX.Element {
  const raster = model.slice(filter, channel, depth);
  const ramp = rampOf('diverging', theme.value === 'dark');
  const high = most ?? largest(raster);
  return (
    <div class="weights" style={{ gridTemplateColumns: `repeat(${raster.width}, minmax(44px, max-content))` }}>
      {Array.from({ length: raster.width * raster.height }, (_, k) => {
        const value = raster.data[raster.at(k % raster.width, Math.floor(k / raster.width))]!;
        if (Number.isNaN(value)) return <span key={k} class="hatched">NaN</span>;
        const from = 3 * Math.round(placeIn('diverging', value, high));
        const colour = [ramp[from]!, ramp[from + 1]!, ramp[from + 2]!] as const;
        return <span key={k} style={{ background: `rgb(${colour.join(' ')})`, color: inkOn(colour) }}>{formatValue(Number(value.toPrecision(2)))}</span>;
      })}
    </div>
  );
}
