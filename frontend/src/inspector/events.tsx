import { type JSX } from 'preact';
import { type SampleEvents } from '../schema';

export type EventKind = 'learned' | 'forgotten' | 'flip';

export interface TrajectoryEvent {
  readonly kind: EventKind;
  readonly step: number;
  /** It comes after the shown epoch. */
  readonly later: boolean;
  readonly words: string;
}

const PATHS: Readonly<Record<EventKind, string>> = {
  learned: 'M0-4.500L4.500 3.500H-4.500z',
  forgotten: 'M0 4.500L-4.500-3.500H4.500z',
  flip: 'M0-5L5 0 0 5-5 0z',
};

/** The events of a sample in the order of the epochs. */
export function eventsOf({ first_learned: learned, forgotten, last_change: last, flips }: SampleEvents, shown: number): TrajectoryEvent[] {
  const event = (kind: EventKind, step: number, words: string): TrajectoryEvent => ({ kind, step, later: step > shown, words: `epoch ${step}: ${words}` });
  const found = [
    ...(learned === null ? [] : [event('learned', learned, 'first learned')]),
    ...forgotten.map((step, k) => event('forgotten', step, `forgotten${forgotten.length > 1 ? ` (${k + 1} of ${forgotten.length})` : ''}`)),
    ...(last === null ? [] : [event('flip', last, `last flip of ${flips}`)]),
  ];
  return found.sort((a, b) => a.step - b.step);
}

export interface EventMarksProps {
  steps: ArrayLike<number>;
  events: readonly TrajectoryEvent[];
  width: number;
  left: number;
  onPick(step: number): void;
}

const HEIGHT = 13;

/** The events above the cells of the strip of predictions. */
export function EventMarks({ steps, events, width, left, onPick }: EventMarksProps): JSX.Element {
  const cell = (width - left) / Math.max(1, steps.length);
  const at = new Map(Array.from(steps, (step, k) => [step, left + cell * (k + 0.5)]));
  const placed = events.map((event) => {
    const together = events.filter(({ step }) => step === event.step);
    return { event, x: (at.get(event.step) ?? NaN) + 10 * (together.indexOf(event) - (together.length - 1) / 2) };
  });
  return (
    <svg class="events" width={width} height={HEIGHT} role="img" aria-label={events.map(({ words }) => words).join(', ') || 'No events'}>
      {placed.map(({ event, x }) => Number.isFinite(x) && (
        <g key={`${event.kind} ${event.step}`} class={event.later ? 'later' : undefined} transform={`translate(${Math.min(width - 5, x)} ${HEIGHT / 2})`} onClick={() => onPick(event.step)}>
          <title>{event.words}{event.later ? ', after the shown epoch' : ''}</title>
          <path class={event.kind} d={PATHS[event.kind]} />
        </g>
      ))}
    </svg>
  );
}

/** What the marks mean, and when it happened. */
export function EventsLegend({ events, shown, judged }: { events: SampleEvents; shown: number; judged: boolean }): JSX.Element | null {
  const { first_learned: learned, forgotten, last_change: last, flips } = events;
  const until = forgotten.filter((step) => step <= shown).length;
  const times = forgotten.length - until;
  if (!judged && last === null) return null;
  return (
    <p class="events-legend caption">
      {judged && (
        <span class={learned === null || learned > shown ? 'later' : ''} title={`The first logged epoch at which the prediction was the label${learned === null ? '' : `: ${learned}`}`}>
          <Glyph kind="learned" /> {learned === null ? 'never learned' : `learned ${learned}`}
        </span>
      )}
      {judged && (
        <span class={until === 0 ? 'later' : ''} title={forgotten.length ? `Went from right to wrong at epoch ${forgotten.join(', ')}` : 'Went from right to wrong between two logged epochs'}>
          <Glyph kind="forgotten" /> forgotten {times > 0 ? `${until}/${forgotten.length}×` : `${until}×`}
        </span>
      )}
      <span class={last === null || last > shown ? 'later' : ''} title={`The prediction changed ${flips} times between logged epochs`}>
        <Glyph kind="flip" /> {last === null ? 'no flips' : `${flips} ${flips === 1 ? 'flip' : 'flips'}, last ${last}`}
      </span>
    </p>
  );
}

function Glyph({ kind }: { kind: EventKind }): JSX.Element {
  return <svg class="events" width="11" height="11" viewBox="-5.500 -5.500 11 11" aria-hidden="true"><path class={kind} d={PATHS[kind]} /></svg>;
}
