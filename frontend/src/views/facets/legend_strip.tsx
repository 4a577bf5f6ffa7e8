import { type JSX } from 'preact';
import { type Colouring } from '../../colouring';
import { Swatch } from '../../elements/swatch';
import { formatCount, formatValue } from '../../format';
import { colourColumn, colouring, hiddenClasses } from '../../store';
import { toggled } from '../samples/legend_rows';
import { endSign } from '../samples/ramp';

const STOPS = 12;

/** What the colours mean, in one line; a press shows or hides. The page's own by default. */
export function LegendStrip(props: { look?: Colouring | null; title?: string; missing?: string }): JSX.Element | null {
  const { look = colouring.value, title = colourColumn.value?.title ?? '', missing = 'dashed grey' } = props;
  if (!look) return null;
  if (look.kind === 'continuous') {
    const stops = Array.from({ length: STOPS }, (_, k) => look.shade(k / (STOPS - 1)));
    return (
      <div class="legend-strip">
        <span class="caption">{title}{look.log ? ', log' : ''}</span>
        <span class="number">{endSign(look, 0)}{formatValue(look.low)}</span>
        <span class="strip-ramp" style={{ background: `linear-gradient(90deg, ${stops.join(', ')})` }} aria-hidden="true" />
        <span class="number">{endSign(look, 1)}{formatValue(look.high)}{look.unit ? ` ${look.unit}` : ''}</span>
        {look.missing > 0 && <span class="caption">{formatCount(look.missing)} {look.lacking === 'never, or no label' ? look.lacking : 'without a value'}, {missing}</span>}
      </div>
    );
  }
  return (
    <div class="legend-strip" role="group" aria-label={`Colours: ${title}`}>
      <span class="caption">{title}</span>
      {look.entries.filter(({ count }) => count > 0).map(({ value, label, swatch, count, hidden }) => (
        <button
          key={value}
          type="button"
          class={hidden ? 'strip-entry off' : 'strip-entry'}
          aria-pressed={!hidden}
          title={`${label}: ${formatCount(count)} samples. Click: show or hide`}
          onClick={() => (hiddenClasses.value = toggled(hiddenClasses.value, value))}
        >
          <Swatch look={swatch} small /> <span class="ellipsis">{label}</span>
        </button>
      ))}
    </div>
  );
}
