import { type ComponentChildren, type JSX } from 'preact';
import { type Job } from '../../api';
import { Empty, ErrorStrip } from '../../elements/states';
import { formatCount } from '../../format';
import { type FollowedJob, goToStep, keptModels, step } from '../../store';

/** Nothing is to be waited for until it is started again. */
export const stopped = <T extends Job>({ data }: FollowedJob<T>): boolean => data.value?.state === 'cancelled' || data.value?.state === 'absent';

/** How work stands that a panel waits for: an error, its progress, or that it was cancelled. */
export function JobState<T extends Job>({ of, doing }: { of: FollowedJob<T>; doing: string }): JSX.Element | null {
  const job = of.data.value;
  const error = of.error.value;
  if (error) return <ErrorStrip what={error.message} hint={error.hint} onRetry={of.retry} />;
  if (stopped(of)) {
    return <div class="job-line"><span class="grow">Cancelled.</span><button type="button" class="button small" onClick={of.run}>Start again</button></div>;
  }
  if (job?.state !== 'queued' && job?.state !== 'running') return null;
  const left = job.secondsLeft === null ? '' : `, ${formatCount(Math.ceil(job.secondsLeft))} s left`;
  return (
    <div class="job-line" role="progressbar" aria-label={doing} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(100 * job.progress)}>
      <span class="grow ellipsis">{job.state === 'queued' ? 'Waiting for other work' : `${doing}${left}`}</span>
      <span class="meter"><span style={{ width: `${100 * job.progress}%` }} /></span>
      <button type="button" class="button small" onClick={of.cancel}>Cancel</button>
    </div>
  );
}

const MOST_BUTTONS = 6;

/** The epochs that can be run instead, the nearest first. */
export function NoModel({ children }: { children: ComponentChildren }): JSX.Element {
  const kept = keptModels.value;
  if (kept.length === 0) {
    return <Empty line={'CNNVis("runs/exp1", (x_val, y_val), keep_models=3)'}>{children} No epoch of this run has one: train with keep_models.</Empty>;
  }
  return (
    <div class="empty">
      <p>{children} {kept.length === 1 ? 'One epoch has one (◆ on the slider):' : `${kept.length} epochs have one (◆ on the slider):`}</p>
      <ModelButtons />
    </div>
  );
}

export function ModelButtons(): JSX.Element {
  const at = step.value ?? 0;
  const nearest = [...keptModels.value].sort((a, b) => Math.abs(a - at) - Math.abs(b - at)).slice(0, MOST_BUTTONS);
  return (
    <span class="model-buttons">
      {nearest.sort((a, b) => a - b).map((epoch) => (
        <button key={epoch} type="button" class="button small" onClick={() => goToStep(epoch)}>Epoch {epoch}</button>
      ))}
    </span>
  );
}
