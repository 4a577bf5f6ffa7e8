import { afterEach, describe, expect, it } from 'vitest';
import { type RunPayload, type Step } from '../../src/schema';
import { besideFor, comparedStep, wantedAgainst } from '../../src/store/comparison';
import { other, otherStep, payload, shownPayload, shownSteps, step } from '../../src/store/state';
import { goldenJson } from '../golden';

const RUN = goldenJson<RunPayload>('run.json');
const logged = (...steps: number[]): Step[] => steps.map((at) => ({ step: at }) as Step);

function show(...steps: number[]): void {
  shownPayload.value = RUN;
  shownSteps.value = logged(...steps);
  step.value = steps.at(-1)!;
  other.value = RUN.run;
}

describe('what the shown epoch is compared with', () => {
  afterEach(() => {
    [other.value, otherStep.value, shownPayload.value] = [null, null, null];
  });

  it('is the one before, of the same run', () => {
    show(0, 2, 5);
    expect(comparedStep.value).toBe(2);
    step.value = 2;
    expect(comparedStep.value).toBe(0);
    step.value = 0;
    expect(comparedStep.value).toBe(0);
  });

  it('or the logged one nearest to the one chosen', () => {
    show(0, 2, 5);
    otherStep.value = 4;
    expect(wantedAgainst.value).toEqual({ run: RUN.run, step: 5, by: 'auto' });
  });

  it('adds its columns to the catalogue only while there is one', () => {
    show(0, 1);
    expect(payload.value?.columns.some(({ name }) => name === 'change')).toBe(true);
    expect(besideFor(['loss'])).toBeNull();
    expect(besideFor(['loss', 'change'])).toBeUndefined();
    other.value = null;
    expect(payload.value?.columns.some(({ name }) => name === 'change')).toBe(false);
  });
});
