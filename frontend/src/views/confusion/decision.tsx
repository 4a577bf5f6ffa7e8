import { useComputed, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { DraftInput } from '../../elements/draft_input';
import { Select } from '../../elements/select';
import { formatCount, formatFixed, formatValue } from '../../format';
import { type Outcome, decisions, payload, pick, picked, positive, positiveClass, threshold } from '../../store';
import { type Outcomes, outcomeName, outcomesAt, rank, ratesOf, scoreHistogram, thresholdAt } from './operating';

const BINS = 48;
const HEIGHT = 56;

/** The class, the threshold on its score, and what follows from it. */
export function Decision({ found }: { found: Outcomes | null }): JSX.Element {
  const names = payload.value?.manifest.class_names ?? [];
  const options = names.map((label, index) => ({ value: String(index), label }));
  const at = threshold.value;
  return (
    <div class="decision">
      <Select caption label="Positive class" value={String(positive.value)} options={options} onChange={(value) => (positiveClass.value = value)} />
      <div>
        <Histogram />
        <input type="range" min="0" max="1" step="any" value={at} aria-label="Threshold" aria-valuetext={formatFixed(at)} onInput={(event) => (threshold.value = event.currentTarget.valueAsNumber)} />
      </div>
      <label class="decision-row">
        <span class="grow">Positive from a score of</span>
        <ShareInput value={Number(at.toPrecision(4))} onEnter={(value) => (threshold.value = value)} />
      </label>
      {found && <Quadrants found={found} name={names[positive.value] ?? ''} />}
      {found && <Numbers found={found} />}
      <AtSpecificity />
    </div>
  );
}

/** A number from 0 to 1; anything else stays in the field, marked as wrong, and changes nothing. */
function ShareInput({ value, onEnter }: { value: number; onEnter(value: number): void }): JSX.Element {
  const bad = useSignal(false);
  const enter = (text: string): boolean => {
    const share = text.trim() === '' ? NaN : Number(text);
    bad.value = !(share >= 0 && share <= 1);
    if (!bad.value) onEnter(share);
    return !bad.value;
  };
  return (
    <>
      {bad.value && <span class="caption wrong" role="alert">0 to 1</span>}
      <DraftInput class="field" type="number" min="0" max="1" step="0.01" value={value} aria-invalid={bad.value} onEnter={enter} />
    </>
  );
}

/** Scores of the class's samples over those of the others, by the logarithm of their number. */
function Histogram(): JSX.Element {
  const bins = useComputed(() => decisions.value && scoreHistogram(decisions.value.scores, decisions.value.labels, decisions.value.of, BINS));
  const [others, own] = bins.value ?? [new Int32Array(BINS), new Int32Array(BINS)];
  const most = Math.log1p(Math.max(1, ...others, ...own));
  const height = (count: number): number => (count === 0 ? 0 : Math.max(2, (HEIGHT * Math.log1p(count)) / most));
  const bar = (count: number, k: number): string => `M${k} ${HEIGHT}h1v${-height(count)}h-1z`;
  return (
    <>
      <svg class="scores" viewBox={`0 0 ${BINS} ${HEIGHT}`} height={HEIGHT} preserveAspectRatio="none" role="img" aria-label="Scores of the class's samples and of the others">
        <path class="others" d={Array.from(others, bar).join('')} />
        <path class="own" vector-effect="non-scaling-stroke" d={`M0 ${HEIGHT}${Array.from(own, (count) => `V${HEIGHT - height(count)}h1`).join('')}V${HEIGHT}`} />
        <path class="cursor" vector-effect="non-scaling-stroke" d={`M${threshold.value * BINS} 0V${HEIGHT}`} />
      </svg>
      <span class="caption scores-key">
        <i class="own" /> the class <i class="others" /> the others
        <span class="grow" />log scale
      </span>
    </>
  );
}

function Quadrants({ found, name }: { found: Outcomes; name: string }): JSX.Element {
  const cell = (positiveLabel: boolean, taken: boolean, count: number): JSX.Element => {
    const right = positiveLabel === taken;
    const outcome: Outcome = { positive: positiveLabel, taken };
    const chosen = picked.value?.outcomes.some((other) => other.positive === positiveLabel && other.taken === taken) ?? false;
    return (
      <td>
        <button type="button" class={right ? 'quadrant' : 'quadrant error'} aria-pressed={chosen} title="Select these samples; Shift adds them" onClick={(event) => pick({ outcomes: [outcome] }, event.shiftKey)}>
          <b>{formatCount(count)}</b>
          <span class={right ? 'correct' : 'wrong'}>{right ? '✓' : '✗'} {outcomeName(outcome)}</span>
        </button>
      </td>
    );
  };
  return (
    <table class="quadrants">
      <thead>
        <tr><th class="corner">label ↓ called →</th><th scope="col">positive</th><th scope="col">negative</th></tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row"><span class="ellipsis" title={name}>{name}</span></th>
          {cell(true, true, found.truePositives)}
          {cell(true, false, found.falseNegatives)}
        </tr>
        <tr>
          <th scope="row">other</th>
          {cell(false, true, found.falsePositives)}
          {cell(false, false, found.trueNegatives)}
        </tr>
      </tbody>
    </table>
  );
}

const RATES = [
  ['sensitivity', 'sensitivity', 'Share of the class that is called positive (recall)'],
  ['specificity', 'specificity', 'Share of the others that is called negative'],
  ['precision', 'precision', 'Share of what is called positive that is of the class'],
  ['f1', 'F1', 'Harmonic mean of precision and sensitivity'],
  ['accuracy', 'accuracy', 'Share of right decisions between the class and the rest'],
] as const;

function Numbers({ found }: { found: Outcomes }): JSX.Element {
  const rates = ratesOf(found);
  return (
    <dl class="rates">
      {RATES.map(([name, title, definition]) => (
        <div key={name} title={definition}>
          <dt>{title}</dt>
          <dd>{Number.isNaN(rates[name]) ? '–' : formatFixed(rates[name])}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The best sensitivity that leaves a share of the others alone. */
function AtSpecificity(): JSX.Element {
  const wanted = useSignal(0.95);
  const ranked = useComputed(() => decisions.value && rank(decisions.value.scores, decisions.value.labels, decisions.value.of));
  const at = ranked.value ? thresholdAt(ranked.value, wanted.value) : NaN;
  const scored = decisions.value;
  const rates = scored && ratesOf(outcomesAt(scored.scores, scored.labels, scored.of, at));
  return (
    <div class="at-specificity">
      <label class="decision-row">
        <span class="grow">Sensitivity at a specificity of</span>
        <ShareInput value={wanted.value} onEnter={(value) => (wanted.value = value)} />
      </label>
      {rates && at === Infinity && <span class="caption">No threshold reaches it but one above every score, which finds none.</span>}
      {rates && Number.isFinite(at) && (
        <div class="decision-row">
          <span class="grow caption"><b>{formatFixed(rates.sensitivity)}</b> from a score of {formatValue(at)}</span>
          <button type="button" class="button small" onClick={() => (threshold.value = at)}>Use it</button>
        </div>
      )}
    </div>
  );
}
