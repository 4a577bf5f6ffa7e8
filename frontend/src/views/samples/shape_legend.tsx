import { type JSX } from 'preact';
import { FORMS_FROM, type Form, pointStyle } from '../../draw/points';
import { Select } from '../../elements/select';
import { formatCount } from '../../format';
import { payload, shapeBy, shapeColumns, shaping } from '../../store';

const PATHS: Readonly<Record<Form, string>> = {
  disc: 'M8 4a4 4 0 110 8 4 4 0 010-8z',
  square: 'M4.500 4.500h7v7h-7z',
  triangle: 'M8 2.500l5 8.600H3z',
  diamond: 'M8 3l5 5-5 5-5-5z',
  plus: 'M6.300 3h3.400v3.300H13v3.400H9.700V13H6.300V9.700H3V6.300h3.300z',
  cross: 'M5.700 3.300L8 5.600l2.300-2.300 2.400 2.400L10.400 8l2.300 2.300-2.400 2.400L8 10.400l-2.300 2.300-2.400-2.400L5.600 8 3.300 5.700z',
};

/** By which column points have forms, and which means what. */
export function ShapeLegend(): JSX.Element | null {
  const columns = shapeColumns.value;
  if (columns.length === 0) return null;
  const options = [{ value: '', label: 'none' }, ...columns.map(({ name, title }) => ({ value: name, label: title }))];
  const shown = shaping.value;
  const tiny = pointStyle(payload.value?.manifest.n_samples ?? 0).diameter < FORMS_FROM && (payload.value?.manifest.n_samples ?? 0) > 50_000;
  return (
    <div class="shape-legend">
      <Select small caption label="Shape" value={shown ? shapeBy.value : ''} options={options} onChange={(name) => (shapeBy.value = name)} />
      {shown && (
        <ul class="legend-keys">
          {shown.entries.map(({ form, label, count }) => (
            <li key={label}>
              <FormIcon form={form} />
              <span class="ellipsis" title={label}>{label}</span>
              <span class="number muted">{formatCount(count)}</span>
            </li>
          ))}
        </ul>
      )}
      {shown && tiny && <span class="caption">Points this small have no shape to see: zoom in.</span>}
    </div>
  );
}

function FormIcon({ form }: { form: Form | null }): JSX.Element {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      {form === null
        ? <path d="M8 4a4 4 0 110 8 4 4 0 010-8zM5.200 10.800l5.600-5.600" fill="none" stroke="var(--control)" />
        : <path d={PATHS[form]} fill="var(--control)" />}
    </svg>
  );
}
