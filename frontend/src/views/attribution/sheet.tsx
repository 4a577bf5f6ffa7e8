import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Sheet } from '../../api';
import { IconButton } from '../../elements/button';
import { Empty, ErrorStrip } from '../../elements/states';
import { formatCount, formatFixed } from '../../format';
import { MOST_SHEET, confirmSheet, focusSample, focused, imageSize, mapOpacity, payload, selected, sheetFollower, sheetQuestion, shownSheet, specs, view } from '../../store';
import { type MapSpec, specWords } from '../../store/attribution_specs';
import { jobWords } from '../samples/method_controls';
import { SampleThumbnail } from '../shared/sample_thumbnail';
import { type MapScale, gradientOf, largest, overlay, signedScale } from './paint';
import { ClassSelect, MethodSelect, ParametersButton } from './parameters';
import { scaleFor, shownUnit } from './picture';
import { round2, round3 } from './tile';

const SIDE = 84;

type ShownSheet = Pick<Sheet, 'index' | 'maps' | 'height' | 'width' | 'baseline' | 'classes'>;

/** One method over the selected samples. */
export function SheetMode(): JSX.Element | null {
  const spec = specs.value[0];
  const asked = sheetQuestion.value;
  const answer = sheetFollower.answer.value;
  const error = sheetFollower.error.value;
  if (!spec) return null;
  const { size } = selected.value;
  if (size === 0) {
    return <Empty action={{ label: 'Select in Samples', onClick: () => (view.value = 'samples') }}>Select up to {MOST_SHEET} samples, with the lasso, a query or in a table: their maps are shown here side by side.</Empty>;
  }
  const shown = shownSheet.value;
  const about = `${size > MOST_SHEET ? `the first ${MOST_SHEET} of ${formatCount(size)} selected · ` : ''}${specWords(spec)} · ${shown ? `${shownUnit({ ...spec, cam: 'heat' }, shown)}, ` : ''}each on its own scale, its largest value below`;
  return (
    <>
      <div class="map-bar">
        <MethodSelect at={0} spec={spec} />
        <ClassSelect at={0} spec={spec} each />
        <ParametersButton at={0} spec={spec} each />
        <span class="caption ellipsis" title={about}>{about}</span>
        <span class="grow" />
        <State done={shown?.done ?? 0} of={Math.min(size, MOST_SHEET)} />
      </div>
      {error && <ErrorStrip what={error.message} hint={error.hint} onRetry={() => sheetFollower.run()} />}
      {asked?.tooMany && (
        <div class="map-question inline" role="alert">
          <p>This sheet takes {formatCount(asked.tooMany)} passes through the model. A larger stride or fewer samples take fewer.</p>
          <button type="button" class="button small" onClick={confirmSheet}>Run all</button>
        </div>
      )}
      {shown ? <Tiles sheet={shown} spec={spec} waiting={answer?.key !== asked?.key} /> : asked && <Tiles sheet={emptySheet(asked.members)} spec={spec} waiting={false} />}
    </>
  );
}

function State({ done, of }: { done: number; of: number }): JSX.Element | null {
  const job = sheetFollower.job.value;
  if (!job) return null;
  if (job.state === 'cancelled') {
    return <span class="map-state caption">cancelled, {done} of {of} <button type="button" class="button small" onClick={() => sheetFollower.run()}>Run</button></span>;
  }
  return (
    <span class="map-state caption">
      <span class="meter" role="progressbar" aria-label="Progress of the sheet" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(100 * job.progress)}><span style={{ width: `${100 * job.progress}%` }} /></span>
      {done} of {of}, {jobWords(job)}
      <IconButton small icon="close" label="Cancel the sheet" onClick={() => sheetFollower.cancel()} />
    </span>
  );
}

function Tiles({ sheet, spec, waiting }: { sheet: ShownSheet; spec: MapSpec; waiting: boolean }): JSX.Element {
  const maps = sheetMaps(sheet, spec);
  return (
    <div class={waiting ? 'map-sheet waiting' : 'map-sheet'}>
      {maps.map((map, k) => <Tile key={map.index} sheet={sheet} map={map} at={k} />)}
    </div>
  );
}

/** Before the first map is there: the samples alone. */
export function emptySheet(members: readonly number[]): ShownSheet {
  return { index: Int32Array.from(members), maps: new Float32Array(0), height: 0, width: 0, baseline: new Float32Array(0), classes: new Int32Array(0) };
}

export interface SheetMap {
  index: number;
  /** As they are shown; empty before the map is made. */
  values: Float32Array;
  scale: MapScale;
}

/** The maps of a sheet, each from zero to its own largest value; around zero where one of them is. */
export function sheetMaps(sheet: ShownSheet, spec: MapSpec): SheetMap[] {
  const maps = Array.from(sheet.index, (index, k) => {
    const values = sheetValues(sheet, spec, k);
    return { index, values, scale: scaleFor(spec, [values]) };
  });
  if (maps.every(({ scale }) => scale.kind !== 'signed')) return maps;
  return maps.map((map) => ({ ...map, scale: signedScale(map.scale) }));
}

/** The values of one map of a sheet as they are shown; empty before it is made. */
export function sheetValues(sheet: ShownSheet, spec: MapSpec, at: number): Float32Array {
  const size = sheet.height * sheet.width;
  const values = sheet.maps.subarray(at * size, (at + 1) * size);
  if ((sheet.classes[at] ?? -1) < 0) return new Float32Array(0);
  return spec.method === 'occlusion' && spec.show === 'drop' ? values.map((score) => sheet.baseline[at]! - score) : values;
}

function Tile({ sheet, map, at }: { sheet: ShownSheet; map: SheetMap; at: number }): JSX.Element {
  const { index, values, scale } = map;
  const made = values.length > 0;
  const most = largest(values, sheet.width);
  const name = payload.value?.manifest.class_names[sheet.classes[at] ?? -1] ?? '';
  const said = made && most ? `class ${name} ${formatFixed(sheet.baseline[at] ?? NaN)}, largest ${round3(most.value)} at x ${most.x}, y ${most.y}` : 'not made yet';
  return (
    <button type="button" class="map-sheet-tile" aria-current={focused.value === index} aria-label={`Sample ${index}: ${said}`} title={said} onClick={() => focusSample(index)}>
      <span class={made ? 'map-sheet-picture made' : 'map-sheet-picture'}>
        <SampleThumbnail index={index} size={SIDE} />
        {made && <Overlay sheet={sheet} values={values} scale={scale} />}
      </span>
      <i style={{ background: made ? gradientOf(scale) : 'none' }} />
      <span class="tile-line"><b>#{index}</b><span>{made && most ? round2(most.value) : '…'}</span></span>
      <span class="caption ellipsis">{name || '–'}</span>
    </button>
  );
}

function Overlay({ sheet, values, scale }: { sheet: ShownSheet; values: Float32Array; scale: MapScale }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const opacity = mapOpacity.value;
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(overlay(values, scale, opacity), sheet.width, sheet.height), 0, 0);
  }, [values, opacity]);
  const [height, width] = imageSize.value;
  const unit = SIDE / Math.max(height, width);
  const [left, top] = [(SIDE - width * unit) / 2, (SIDE - height * unit) / 2];
  return <canvas ref={canvas} width={sheet.width} height={sheet.height} style={{ left: `${left}px`, top: `${top}px`, width: `${width * unit}px`, height: `${height * unit}px`, imageRendering: unit >= 1 ? 'pixelated' : 'auto' }} />;
}
