import { type JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Input } from '../api';
import { type Bands, type Raster, type Window, countNonFinite, fitImage, paintImage } from '../draw/image';
import { IconButton } from '../elements/button';
import { formatCount, formatValue } from '../format';
import { Adjust } from './adjust';
import { ChannelRow } from './channels';
import { bandsOf, displayOf, windowOf } from './display';

export interface PictureProps {
  run: string;
  input: (Input & { index: number }) | null;
  boxWidth: number;
  boxHeight: number;
  waiting: boolean;
  /** What it is, where that is no sample. */
  name?: string;
}

/** The input, each pixel a whole number of screen pixels where it fits. */
export function Picture({ run, input, boxWidth, boxHeight, waiting, name }: PictureProps): JSX.Element {
  const [adjusting, setAdjusting] = useState(false);
  const [value, setValue] = useState<string | null>(null);
  const display = displayOf(run).value;
  const made = input?.image ?? null;
  return (
    <div class="picture">
      <div class="mat" style={{ height: `${boxHeight}px` }} title={input ? describeRange(input) : undefined}>
        {input && (
          <Canvas
            key={`${input.width}x${input.height}`}
            raster={made ?? input}
            bands={made ? { channels: made.channels === 3 ? [0, 1, 2] : [0] } : bandsOf(input, display)}
            window={made ? { low: 0, high: 255, gamma: 1 } : windowOf(input, display)}
            boxWidth={boxWidth}
            boxHeight={boxHeight}
            label={name ?? `Input of sample ${input.index}`}
            waiting={waiting}
            onValue={setValue}
          />
        )}
        {input && !made && (
          <span class="adjust-toggle">
            <IconButton small icon="adjust" label="Window and gamma" expanded={adjusting} onClick={() => setAdjusting(!adjusting)} />
          </span>
        )}
        {value !== null && <span class="pixel-value">{value}</span>}
      </div>
      {input && !made && input.channels !== 1 && <ChannelRow run={run} input={input} />}
      {input && !made && adjusting && <Adjust run={run} input={input} />}
    </div>
  );
}

interface CanvasProps {
  raster: Raster;
  bands: Bands;
  window: Window;
  boxWidth: number;
  boxHeight: number;
  label: string;
  waiting: boolean;
  onValue(text: string | null): void;
}

function Canvas(props: CanvasProps): JSX.Element {
  const { raster, bands, window } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const channels = bands.channels.join();
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    const pixels = paintImage(raster, bands, window);
    context?.putImageData(new ImageData(pixels, raster.width, raster.height), 0, 0);
  }, [raster, channels, window.low, window.high, window.gamma]);
  const fit = fitImage(raster.width, raster.height, props.boxWidth, props.boxHeight);
  const lost = countNonFinite(raster, bands);
  const read = (event: PointerEvent): void => {
    const x = Math.floor(event.offsetX / fit.scale);
    const y = Math.floor(event.offsetY / fit.scale);
    props.onValue(inside(raster, x, y) ? pixelText(raster, bands, x, y) : null);
  };
  return (
    <>
      <canvas
        ref={canvas}
        class={props.waiting ? 'hatched waiting' : 'hatched'}
        width={raster.width}
        height={raster.height}
        role="img"
        aria-label={props.label}
        style={{ width: `${fit.width}px`, height: `${fit.height}px`, imageRendering: fit.scale >= 1 ? 'pixelated' : 'auto' }}
        onPointerMove={read}
        onPointerLeave={() => props.onValue(null)}
      />
      {(lost > 0 || fit.scale < 1) && (
        <span class="picture-note">
          {lost > 0 && `${formatCount(lost)} NaN or infinite`} {fit.scale < 1 && `shown at ${Math.round(100 * fit.scale)}%`}
        </span>
      )}
    </>
  );
}

function inside({ width, height }: Raster, x: number, y: number): boolean {
  return x >= 0 && y >= 0 && x < width && y < height;
}

function pixelText({ data, width, channels }: Raster, bands: Bands, x: number, y: number): string {
  const values = bands.channels.map((channel) => data[(y * width + x) * channels + channel] ?? NaN);
  return `x ${x}, y ${y}: ${values.map(formatValue).join(' ')}`;
}

function describeRange({ width, height, channels, source_dtype: dtype, display, low, high }: Input): string {
  const size = `${height}×${width}×${channels} ${dtype}`;
  if (display === 'to_image') return `${size}, shown as to_image made it`;
  const how = display === 'stretched' ? '; the range is not known, so 1 to 99% of the image are stretched' : '';
  return `${size}, shown from ${formatValue(low)} to ${formatValue(high)}${how}`;
}
