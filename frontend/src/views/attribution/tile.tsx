import { type ComponentChildren, type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Attribution } from '../../api';
import { type Fit } from '../../draw/image';
import { IconButton } from '../../elements/button';
import { ErrorStrip } from '../../elements/states';
import { formatCount, formatPercent, formatValue } from '../../format';
import { type MapSlot, mapOpacity, pointed } from '../../store';
import { type MapSpec } from '../../store/attribution_specs';
import { jobWords } from '../samples/method_controls';
import { type MapScale, gradientOf, largest, paintMap } from './paint';
import { type BasePicture, scaleFor, shownUnit, shownValues } from './picture';

/** Where there is little room. */
export const round2 = (value: number): string => formatValue(Number(value.toPrecision(2)));
export const round3 = (value: number): string => formatValue(Number(value.toPrecision(3)));

interface PixelsProps {
  pixels: Uint8ClampedArray<ArrayBuffer>;
  base: BasePicture;
  fit: Fit;
  label: string;
  waiting?: boolean;
  children?: ComponentChildren;
}

/** Pixels as whole squares; what is pointed at is marked in every picture. */
export function Pixels({ pixels, base, fit, label, waiting, children }: PixelsProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = base;
  useEffect(() => canvas.current?.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0), [pixels]);
  const point = (event: PointerEvent): void => {
    const [x, y] = [Math.floor(event.offsetX / fit.scale), Math.floor(event.offsetY / fit.scale)];
    pointed.value = x >= 0 && y >= 0 && x < width && y < height ? { x, y } : null;
  };
  const at = pointed.value;
  const side = `${Math.max(5, fit.scale)}px`;
  return (
    <div class="map-pixels" style={{ width: `${fit.width}px`, height: `${fit.height}px` }}>
      <canvas
        ref={canvas}
        class={waiting ? 'hatched waiting' : 'hatched'}
        width={width}
        height={height}
        role="img"
        aria-label={label}
        style={{ width: `${fit.width}px`, height: `${fit.height}px`, imageRendering: fit.scale >= 1 ? 'pixelated' : 'auto' }}
        onPointerMove={point}
        onPointerLeave={() => (pointed.value = null)}
      />
      {at && at.x < width && at.y < height && (
        <i class="map-mark" style={{ left: `${at.x * fit.scale}px`, top: `${at.y * fit.scale}px`, width: side, height: side }} />
      )}
      {children}
    </div>
  );
}

/** Of a character of a scale's unit, and of a number at its end, in pixels. */
const [LETTER, END] = [5.7, 56];
/** Below, the two ends of a scale meet. */
const NARROWEST = 2 * END;

/** Whether the unit of a scale has room between its ends. */
export const unitFits = (unit: string, width: number): boolean => LETTER * unit.length + 2 * END <= width;

/** From which value to which, and what they are; `tight`: that stands below. */
function ScaleBar({ scale, unit, width, tight }: { scale: MapScale | null; unit: string; width: number; tight: boolean }): JSX.Element {
  return (
    <div class={tight ? 'map-scale tight' : 'map-scale'} style={{ width: `${Math.max(NARROWEST, width)}px` }} title={scale?.kind === 'signed' ? 'Orange speaks for the class, violet against it' : unit}>
      <i style={{ background: scale ? gradientOf(scale) : 'var(--border)' }} />
      <span>{scale && round3(scale.low)}</span>
      <span class="ellipsis">{scale ? unit : ''}</span>
      <span class="number">{scale && round3(scale.high)}</span>
    </div>
  );
}

/** What the completeness gap of integrated gradients is. */
export const GAP_MEANS = 'Gap, of integrated gradients: by how much the map’s sum misses the difference of the logits';

/** How far a map is, what is pointed at in it, or what it was made with. */
function Reading({ slot, values, spec, about }: { slot: MapSlot; values: Float32Array | null; spec: MapSpec; about: string | undefined }): JSX.Element {
  const { job } = slot.follower;
  const shown = slot.shown.value;
  const at = pointed.value;
  if (job.value?.state === 'cancelled') {
    return (
      <div class="map-reading">
        <span class="caption grow">{at && values && shown ? pointText(values, shown, at, spec) : `cancelled${shown ? `, ${formatCount(shown.done)} of ${formatCount(shown.positions)}` : ''}`}</span>
        <button type="button" class="button small" onClick={() => slot.follower.run()}>Run</button>
      </div>
    );
  }
  if (job.value) {
    const { progress } = job.value;
    return (
      <div class="map-reading">
        <span class="meter grow" role="progressbar" aria-label="Progress of the map" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(100 * progress)}>
          <span style={{ width: `${100 * Math.min(1, progress)}%` }} />
        </span>
        <span class="caption">{job.value.state === 'running' && progress === 0 ? 'loading the model' : jobWords(job.value)}</span>
        <IconButton small icon="close" label="Cancel this map" onClick={() => slot.follower.cancel()} />
      </div>
    );
  }
  const most = values && shown ? largest(values, shown.width) : null;
  const idle = about ?? (most ? `largest ${round3(most.value)} at x ${most.x}, y ${most.y}` : '');
  const gaps = values?.some((value) => !Number.isFinite(value)) ? ' · hatched: no value' : '';
  const missed = shown && shown.completenessGap !== null ? `gap ${formatPercent(shown.completenessGap)} · ` : '';
  const said = at && values && shown ? pointText(values, shown, at, spec) : missed + idle + gaps;
  return <div class="map-reading"><span class="caption" title={shown?.note || `${said}${missed && !at ? `\n${GAP_MEANS}` : ''}`}>{said}</span></div>;
}

/** `x 3, y 4: drop 0.12 of 0.98`. */
export function pointText(values: Float32Array, { width, baseline }: Attribution, { x, y }: { x: number; y: number }, { method, show }: MapSpec): string {
  const value = values[y * width + x] ?? NaN;
  const said = Number.isFinite(value) ? round3(value) : 'not covered';
  if (method !== 'occlusion') return `x ${x}, y ${y}: ${said}`;
  return `x ${x}, y ${y}: ${show === 'drop' ? 'drop ' : ''}${said} of ${round3(baseline)}`;
}

export interface MapTileProps {
  slot: MapSlot;
  /** The picture is of another sample. */
  stale: boolean;
  /** Its error is told elsewhere. */
  quiet?: boolean;
  /** Whether it may take very many passes is asked elsewhere. */
  askedAbove?: boolean;
  spec: MapSpec;
  base: BasePicture;
  fit: Fit;
  name: string;
  /** The unit stands below its scale. */
  tight: boolean;
  /** One that holds for several maps; its own where there is none. */
  scale?: MapScale | null;
  /** What it was made with; else its largest value is told. */
  about?: string;
}

/** A map over its picture with its scale, or why there is none. */
export function MapTile({ slot, stale, quiet, askedAbove, spec, base, fit, name, tight, scale: shared, about }: MapTileProps): JSX.Element {
  const shown = slot.shown.value;
  const error = slot.follower.error.value;
  const tooMany = slot.question.value?.tooMany ?? null;
  const fits = shown && shown.width === base.width && shown.height === base.height;
  const values = shown && fits && !stale ? shownValues(spec, shown) : null;
  const scale = values && (shared ?? scaleFor(spec, [values]));
  const opacity = mapOpacity.value;
  const pixels = values && scale ? paintMap(base.pixels, values, scale, opacity) : base.pixels;
  const unit = shown ? shownUnit(spec, shown) : '';
  const label = values && scale ? `${name}: ${unit} from ${round3(scale.low)} to ${round3(scale.high)}` : `${name}: no map yet`;
  return (
    <>
      <Pixels pixels={pixels} base={base} fit={fit} label={label} waiting={stale || (values !== null && !slot.current.value)}>
        {error && !quiet && <ErrorStrip what={error.message} hint={error.hint} onRetry={() => slot.follower.run()} />}
        {tooMany !== null && !askedAbove && (
          <div class="map-question" role="alert">
            <p>This map takes {formatCount(tooMany)} passes through the model. A larger stride takes fewer.</p>
            <button type="button" class="button small" onClick={() => slot.confirm()}>Run all</button>
          </div>
        )}
      </Pixels>
      <ScaleBar scale={scale} unit={unit} width={fit.width} tight={tight} />
      <Reading slot={slot} values={values} spec={spec} about={about} />
    </>
  );
}
