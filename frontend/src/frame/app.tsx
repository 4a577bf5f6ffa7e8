import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Empty, ErrorStrip } from '../elements/states';
import { useSize } from '../elements/use_size';
import { Inspector } from '../inspector';
import {
  SampleSet,
  addFocusedToPool,
  explain,
  findSimilar,
  focusNeighbour,
  focused,
  loadRun,
  loadRuns,
  loadSteps,
  moveStep,
  payload,
  redoSelection,
  removedLast,
  run,
  runError,
  runListError,
  runs,
  runsLoaded,
  selected,
  startStore,
  steps,
  stepsError,
  switching,
  theme,
  togglePlay,
  togglePool,
  undoPool,
  undoSelection,
  view,
} from '../store';
import { VIEWS } from '../views';
import { inspectorFolded } from './folding';
import { GoTo, goToOpen } from './go_to';
import { helpOpen } from './help';
import { type KeyBinding, registerKeys, startKeys } from './keys';
import { Pool } from './pool';
import { Rail } from './rail';
import { Toast } from './toast';
import { TopBar } from './top_bar';
import { overlaid } from './width';

const LINES = `from tensorboard_cnnvis import CNNVis
model.fit(x, y, epochs=10, callbacks=[CNNVis("runs/exp1", (x_val, y_val))])`;

export function App(): JSX.Element {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => (root.current ? startStore(root.current) : undefined), []);
  useEffect(startKeys, []);
  useEffect(() => registerKeys(KEYS), []);
  const empty = payload.value === null;
  const folded = empty || inspectorFolded.value > 0 || (overlaid.value && focused.value === null);
  return (
    <div class={folded ? 'app folded' : 'app'} data-theme={theme.value} ref={root}>
      <TopBar />
      <Rail />
      <Middle empty={empty} />
      <Inspector />
      {!empty && <GoTo />}
      <Toast />
    </div>
  );
}

/** The view, and the drawer below it. */
function Middle({ empty }: { empty: boolean }): JSX.Element {
  const middle = useRef<HTMLDivElement>(null);
  const [, height] = useSize(middle);
  return (
    <div class="middle" ref={middle}>
      <main class="view">
        <Problems />
        {empty ? <Nothing /> : <CurrentView />}
      </main>
      {!empty && <Pool room={height} />}
    </div>
  );
}

function CurrentView(): JSX.Element | null {
  if (steps.value.length === 0) {
    return <Empty>Nothing is logged yet in this run: its first epoch shows here as soon as it ends.</Empty>;
  }
  const View = (VIEWS.find((entry) => entry.name === view.value) ?? VIEWS[0])?.component;
  return View ? <div class={switching.value ? 'view-content waiting' : 'view-content'}><View /></div> : null;
}

/** Errors of what every view stands on; what was read last stays below them. */
function Problems(): JSX.Element {
  const problems = [
    { error: runListError.value, retry: loadRuns },
    { error: runError.value, retry: loadRun },
    { error: stepsError.value, retry: loadSteps },
  ];
  const shown = problems.filter((problem, at) =>
    problem.error !== null && problems.findIndex(({ error }) => error?.message === problem.error?.message) === at,
  );
  return (
    <>
      {shown.map(({ error, retry }) => (
        <ErrorStrip key={error?.message} what={error?.message ?? ''} hint={error?.hint ?? ''} onRetry={() => void retry()} />
      ))}
    </>
  );
}

function Nothing(): JSX.Element | null {
  if (runsLoaded.value && runs.value.length === 0) {
    return (
      <Empty line={LINES} action={{ label: 'Look again', onClick: () => void loadRuns() }}>
        No run in this log directory has a CNN Vis record: add the callback to your training, and the run shows here
        after its first epoch.
      </Empty>
    );
  }
  if (runError.value ?? runListError.value) return null;
  return <div class="empty waiting" role="status">{run.value === null ? 'Reading the runs' : 'Reading the run'}</div>;
}

function clearOneLevel(): void {
  if (helpOpen.value) helpOpen.value = false;
  else if (selected.value.size > 0) selected.value = SampleSet.EMPTY;
  else focused.value = null;
}

function undo(): void {
  if (removedLast()) undoPool();
  else undoSelection();
}

const KEYS: readonly KeyBinding[] = [
  ...VIEWS.map(({ key, name, label }) => ({ key, label, action: (): void => void (view.value = name) })),
  { key: ',', label: 'Previous epoch', action: () => moveStep(-1) },
  { key: '.', label: 'Next epoch', action: () => moveStep(1) },
  { key: ' ', shown: 'Space', label: 'Play or pause', action: togglePlay },
  { key: 'ArrowRight', shown: '→ ↓', label: 'Next sample', action: () => focusNeighbour(1) },
  { key: 'ArrowDown', label: '', action: () => focusNeighbour(1) },
  { key: 'ArrowLeft', shown: '← ↑', label: 'Previous sample', action: () => focusNeighbour(-1) },
  { key: 'ArrowUp', label: '', action: () => focusNeighbour(-1) },
  { key: 'g', label: 'Pick a sample', action: () => (goToOpen.value = true) },
  { key: 'a', label: 'Add the focused sample to the pool', action: addFocusedToPool },
  { key: 's', label: 'Find similar samples', action: findSimilar },
  { key: 'e', label: 'Explain the focused sample', action: explain },
  { key: 'p', label: 'Open or close the image pool', action: togglePool },
  { key: 'z', mod: true, shown: 'Ctrl Z', label: 'Undo a selection or a removal', action: undo },
  { key: 'Z', mod: true, shown: 'Ctrl Shift Z', label: 'Redo a selection', action: redoSelection },
  { key: 'Escape', shown: 'Esc', label: 'Clear one level', action: clearOneLevel },
  { key: '?', label: 'Keys', action: () => (helpOpen.value = !helpOpen.value) },
];
