import { afterEach, beforeEach, expect, it } from 'vitest';
import { computeTrajectories } from '../../src/api';
import { goldenBytes } from '../golden';
import { type Server, startServer } from '../server';

let server: Server;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

it('reads the golden medians and bands of each group', async () => {
  server.answers.set('trajectories', () => ({ body: goldenBytes('trajectories.bin') }));
  const asked = { run: 'exp1/cnnvis', step: 2, members: null, by: 'label', of: 'margin', splits: ['validation'] } as const;
  const { of, steps, groups } = await computeTrajectories(asked);
  expect(of).toBe('margin');
  expect([...steps]).toEqual([0, 1, 2]);
  expect(groups.map(({ group }) => group)).toEqual([0, 1, 2]);
  expect(groups.map(({ count }) => count)).toEqual([1, 1, 2]);
  for (const { q10, q25, median, q75, q90 } of groups) {
    for (const at of steps.keys()) {
      const ascending = [q10[at]!, q25[at]!, median[at]!, q75[at]!, q90[at]!];
      expect(ascending).toEqual([...ascending].sort((a, b) => a - b));
    }
  }
  expect(groups[0]?.q10).toEqual(groups[0]?.q90);
});
