import { signal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type Kernel, type KernelNorms } from '../../api';
import { Segmented } from '../../elements/segmented';
import { Select } from '../../elements/select';
import { Empty } from '../../elements/states';
import { formatShape, formatValue } from '../../format';
import { channelAt, isPointwise, kernel, kernelInfo, kernelNorms, kernelPart, layer, layers, linkedChoice, linkedText, step } from '../../store';
import { Menu } from '../shared/menu';
import { kernelCsv, kernelFile, saveCanvas, saveKernelNpy, saveText } from './files';
import { FilterStrip } from './filter_strip';
import { JobState, NoModel, stopped } from './job_state';
import { type KernelModel, kernelModel, largestWeight } from './kernel_model';
import { ScaleBar, titled } from './scale_bar';
import { type GridPainter, TileGrid } from './tile_grid';
import { type Tile, largest } from './tiles';

const RGB = 'rgb';
const ALL = 'all';
const SIDE = 72;
const SMALL_SIDE = 44;

/** `all`, `rgb`, or an input channel; empty: the kernel's default. */
const inputChoice = linkedText('kernels.input');
/** Which of all input channels was chosen last. */
const inputAt = signal(0);
const depthAt = signal(0);
const scaling = linkedChoice('kernels.scale', ['shared', 'own']);

const SCALES = [
  { value: 'shared' as const, label: 'Shared', title: 'One scale for all filters' },
  { value: 'own' as const, label: 'Own', title: 'Each tile by its own largest weight' },
];

const PARTS = [
  { value: '', label: 'Depthwise', title: 'The kernel of each input channel by itself' },
  { value: 'pointwise', label: 'Pointwise', title: 'The 1×1 kernel that mixes what the first one gives' },
];

/** `W[:, :, c, f]` of a convolution. */
export function KernelsTab(): JSX.Element {
  const entry = layer.value;
  const painter = useRef<GridPainter | null>(null);
  // A kernel of the epoch before stays until the next is there.
  const last = useRef<Kernel | null>(null);
  const now = kernel.data.value?.kernel ?? null;
  if (now || last.current?.layer !== entry?.path || last.current?.pointwise !== isPointwise(entry)) last.current = now;
  const shown = last.current;
  const model = useMemo(() => (shown ? kernelModel(shown) : null), [shown]);
  const norms = kernelNorms.data.value;
  if (!entry) return <Empty>Choose a layer.</Empty>;
  if (entry.role !== 'convolution') {
    return <section class="panel" aria-label="Kernels"><Empty>{`${entry.path} (${entry.type}) is no convolution: it has no kernels.`}</Empty></section>;
  }
  const absent = kernelInfo.value === null && layers.data.value?.step === step.value;
  const picture = (): void => {
    const made = painter.current?.();
    if (!made || !model || !shown) return;
    const title = `${shown.layer}, epoch ${shown.step}: ${made.range}, ${inputName(model, inputOf(model))}`;
    const most = scaling.peek() === 'own' ? null : largestWeight(model);
    const words = inputOf(model) === RGB ? { words: rgbWords(most) } : {};
    saveCanvas(titled(made.canvas, title, { scale: 'diverging', most, ...words }, made.ink), kernelFile(shown, 'kernels.png'));
  };
  return (
    <section class="panel" aria-label="Kernels">
      <header class="panel-head">
        <h2>Kernels</h2>
        <span class="caption ellipsis grow" title={shown && model ? describe(shown, model) : ''}>{shown && model && !absent && describe(shown, model)}</span>
        {entry.kernel?.pointwise !== undefined && <Segmented label="Which of its two kernels" value={isPointwise(entry) ? 'pointwise' : ''} options={PARTS} onChange={(value) => (kernelPart.value = value)} />}
        {model && !absent && <Controls model={model} />}
        <Menu
          small
          icon="save"
          label="Save the kernels"
          items={[
            { label: 'Picture of this page, PNG', disabled: !shown || absent, run: picture },
            { label: 'Kernel, NPY', disabled: !shown || absent, run: () => shown && saveKernelNpy(shown) },
            { label: 'Weights, CSV', disabled: !shown || absent, run: () => shown && saveText(kernelCsv(shown), kernelFile(shown, 'kernel.csv')) },
          ]}
        />
      </header>
      <JobState of={kernel} doing={`Reading the kernel out of the model of epoch ${step.value}`} />
      {absent && <NoModel>The kernel of {entry.path} was not recorded at epoch {step.value}, and no model of this epoch is kept.</NoModel>}
      {!absent && !shown && !kernel.error.value && !stopped(kernel) && <Empty>Reading the kernel…</Empty>}
      {!absent && shown && model && (
        <Filters key={`${shown.layer} ${shown.pointwise}`} shown={shown} model={model} norms={norms} painter={painter} waiting={kernel.loading.value || now === null} />
      )}
    </section>
  );
}

function describe({ shape, axes, source, layer: path, step: at }: Kernel, { groups }: KernelModel): string {
  const from = source === 'model' ? `, from the model of epoch ${at}` : '';
  const named = groups > 1 ? axes.map((axis) => (axis === 'in' ? 'in of its group' : axis)) : axes;
  return `${path}, ${formatShape(shape)} (${named.join(' × ')})${groups > 1 ? `, ${groups} groups` : ''}${from}`;
}

const rgbWords = (most: number | null): string => `grey is 0, full colour ±${most === null ? 'own max' : formatValue(most)}`;

type Input = number | typeof ALL | typeof RGB;

/** The input is an image in colour. */
const isRgb = ({ nIn, depth, groups }: KernelModel): boolean => nIn === 3 && depth === 1 && groups === 1;

/** The chosen input channel where this kernel has it, or its default. */
function inputOf(model: KernelModel): Input {
  const { nIn } = model;
  const choice = inputChoice.value;
  if (choice === ALL && nIn > 1) return ALL;
  if (isRgb(model) && (choice === RGB || choice === '')) return RGB;
  const at = Number(choice || 0);
  return at < nIn ? at : 0;
}

function inputName({ depthwise, groups }: KernelModel, input: Input): string {
  if (depthwise) return 'each of its own input channel';
  const whose = groups > 1 ? ' of its group' : '';
  return input === ALL ? `all input channels${whose}` : input === RGB ? 'input channels as RGB' : `input channel ${input}${whose}`;
}

function Controls({ model }: { model: KernelModel }): JSX.Element {
  const channels = Array.from({ length: model.nIn }, (_, k) => ({ value: String(k), label: String(k) }));
  const more = [...(isRgb(model) ? [{ value: RGB, label: 'RGB' }] : []), { value: ALL, label: `all ${model.nIn}` }];
  return (
    <>
      {model.depth > 1 && (
        <Select small caption label="Slice" value={String(Math.min(depthAt.value, model.depth - 1))} options={Array.from({ length: model.depth }, (_, k) => ({ value: String(k), label: String(k) }))} onChange={(value) => (depthAt.value = Number(value))} />
      )}
      {model.nIn > 1 && (
        <Select small caption label="Input" title={model.groups > 1 ? 'Input channel, counted within the group of each filter' : 'Input channel'} value={String(inputOf(model))} options={[...more, ...channels]} onChange={(value) => (inputChoice.value = value)} />
      )}
      <Segmented label="Scale" value={scaling.value} options={SCALES} onChange={(value) => (scaling.value = value)} />
    </>
  );
}

interface FiltersProps {
  shown: Kernel;
  model: KernelModel;
  norms: KernelNorms | null;
  painter: { current: GridPainter | null };
  waiting: boolean;
}

function Filters({ shown, model, norms, painter, waiting }: FiltersProps): JSX.Element {
  const input = inputOf(model);
  const depth = Math.min(depthAt.value, model.depth - 1);
  const own = scaling.value === 'own';
  const most = useMemo(() => largestWeight(model), [model]);
  const each = input === ALL ? model.nIn : 1;
  const place = (k: number): [number, number] => [Math.floor(k / each), input === ALL ? k % each : input === RGB ? 0 : input];
  const tile = useMemo(() => {
    const line = lines(norms, shown.step);
    return (k: number): Tile => {
      const [filter, channel] = place(k);
      const rasters: Tile['rasters'] = input === RGB
        ? [model.slice(filter, 0, depth), model.slice(filter, 1, depth), model.slice(filter, 2, depth)]
        : [model.slice(filter, channel, depth)];
      const drawn = input === ALL ? null : (line?.(filter) ?? null);
      return {
        caption: input === ALL ? `${filter}·${channel}` : String(filter),
        rasters,
        most: own ? Math.max(...rasters.map(largest)) : most,
        ...(drawn ? { line: drawn } : {}),
      };
    };
  }, [model, norms, shown.step, input, depth, own, most]);
  const filter = channelAt.value !== null && channelAt.value < model.nOut ? channelAt.value : null;
  const chosen = filter === null ? null : filter * each + (input === ALL ? Math.min(inputAt.value, each - 1) : 0);
  const choose = (k: number): void => {
    const [to, channel] = place(k);
    channelAt.value = to;
    inputAt.value = channel;
  };
  const told = (k: number, x: number, y: number): [string, string][] => {
    const [of, channel] = place(k);
    const weights = input === RGB ? [0, 1, 2] : [channel];
    const value = (c: number): string => {
      const { data, at } = model.slice(of, c, depth);
      return formatValue(data[at(x, y)]!);
    };
    return [
      ['filter', String(of)],
      ...weights.map((c): [string, string] => [`input ${model.channelOf(of, c)}`, value(c)]),
      ['row, column', `${y}, ${x}${model.depth > 1 ? `, slice ${depth}` : ''}`],
    ];
  };
  const channels = input === RGB ? [0, 1, 2] : [input === ALL ? Math.min(inputAt.value, each - 1) : input];
  return (
    <>
      <TileGrid
        label={`Kernels of ${shown.layer}`}
        noun={input === ALL ? 'kernels' : 'filters'}
        count={model.nOut * each}
        tile={tile}
        rasterWidth={model.width}
        rasterHeight={model.height}
        side={input === ALL ? SMALL_SIDE : SIDE}
        group={each}
        scale="diverging"
        chosen={chosen}
        onChoose={choose}
        told={told}
        waiting={waiting}
        painter={painter}
      >
        {norms && norms.steps.length > 1 && input !== ALL && <span class="change-key" title="L2 norm of the difference to the weights of the epoch before, over the epochs, on one scale for all filters; the dot is the shown epoch">line: change<span class="wide"> per epoch</span></span>}
        {input === RGB ? <span>{rgbWords(own ? null : most)}</span> : <ScaleBar scale="diverging" most={own ? null : most} />}
      </TileGrid>
      {filter !== null && (
        <FilterStrip model={model} filter={filter} channels={channels} depth={depth} norms={norms} at={shown.step} most={own ? null : most} />
      )}
    </>
  );
}

/** Each filter's change over the epochs, on one scale. */
function lines(norms: KernelNorms | null, at: number): ((filter: number) => Tile['line']) | null {
  if (!norms || norms.steps.length < 2) return null;
  const { nFilters, change, steps } = norms;
  const most = change.reduce((high, value) => (value > high && value < Infinity ? value : high), 0);
  return (filter) => ({ values: Array.from(steps, (_, k) => change[k * nFilters + filter] ?? NaN), most, at: steps.indexOf(at) });
}
