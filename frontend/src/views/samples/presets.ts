/** Queries that are asked often. */

import { type RunPayload } from '../../schema';

export interface Preset {
  label: string;
  text: string;
}

export function presets({ manifest }: RunPayload): Preset[] {
  return [
    { label: 'Hardest 50', text: 'top(loss, 50)' },
    { label: 'Wrong', text: 'not correct' },
    { label: 'Confident and wrong', text: 'not correct and confidence > 0.9' },
    { label: 'Wrong by a hair', text: 'not correct and margin > -0.5' },
    { label: 'Right by a hair', text: 'correct and margin < 0.5' },
    { label: 'Undecided', text: 'confidence < 0.5' },
    ...(manifest.class_names.length > 5 ? [{ label: 'Not among top 5', text: 'rank > 5' }] : []),
    { label: 'Never learned', text: 'isnan(first_learned)' },
    { label: 'Forgotten again and again', text: 'forgetting_events > 1' },
    { label: 'Label probably wrong', text: 'label_error > 0.5' },
    { label: 'Loss that is no number', text: 'isnan(loss)' },
    { label: 'Wrong among the selected', text: 'selected and not correct' },
  ];
}
