import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { fitImage } from '../../draw/image';
import { ClassName } from '../../elements/swatch';
import { formatFixed } from '../../format';
import { displayOf } from '../../inspector/display';
import { classStyles, dropped, ownFile, ownImage, ownInput, payload, showOwnImage } from '../../store';
import { basePicture } from '../attribution/picture';

/** The user's own image as a query: as the model sees it, and what it takes it for; a click shows it in the inspector. */
export function OwnTile({ size }: { size: number }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const input = ownInput.value;
  const display = displayOf(payload.value?.run ?? '').value;
  useEffect(() => {
    if (!input) return;
    const { pixels, width, height } = basePicture(input, display);
    canvas.current?.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
  }, [input, display]);
  const own = ownImage.value;
  const at = own?.prediction ?? -1;
  const name = ownFile.value?.name ?? '';
  const predicted = payload.value?.manifest.class_names[at] ?? '';
  const fit = input && fitImage(input.width, input.height, size, size);
  return (
    <button type="button" class="tile" style={{ minWidth: `${size}px` }} aria-current={dropped.value !== null} aria-label={`Your image ${name}, predicted ${predicted}`} onClick={showOwnImage}>
      <span class="own-picture" style={{ width: `${size}px`, height: `${size}px` }}>
        {input && fit && <canvas ref={canvas} width={input.width} height={input.height} style={{ width: `${fit.width}px`, height: `${fit.height}px`, imageRendering: fit.scale >= 1 ? 'pixelated' : 'auto' }} />}
      </span>
      <b class="ellipsis" title={name}>{name}</b>
      {at >= 0 && <ClassName look={classStyles.value[at]} name={predicted} />}
      {at >= 0 && <span class="ellipsis" title={`predicted ${predicted}`}>score {formatFixed(own?.scores[at] ?? NaN, 3)}</span>}
    </button>
  );
}
