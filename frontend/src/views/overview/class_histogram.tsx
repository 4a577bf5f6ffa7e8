import { type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { Empty, ErrorStrip } from '../../elements/states';
import { Swatch } from '../../elements/swatch';
import { formatCount } from '../../format';
import { type RunPayload } from '../../schema';
import { classStyles, column } from '../../store';
import { type ClassCounts, countClasses } from './facts';

/** How the splits' bars differ: filled, outlined, hatched. */
const FILLS = ['filled', 'outlined', 'striped'] as const;
const fillOf = (split: number): string => FILLS[Math.min(split, FILLS.length - 1)] ?? 'striped';

/** Samples per class, a bar a split. */
export function ClassHistogram({ shown }: { shown: RunPayload }): JSX.Element {
  const { error, retry, data } = column('label');
  const labels = data.value?.values;
  const { splits, class_names: names } = shown.manifest;
  const counts = useMemo(() => labels && countClasses(labels, splits, names.length), [labels, splits, names]);
  return (
    <section class="panel histogram" aria-label="Samples per class">
      <header class="panel-head">
        <h2>Classes</h2>
        <span class="grow" />
        <span class="caption histogram-keys ellipsis">
          {splits.map((split, k) => (
            <span key={split.name}><span class={`histogram-key ${fillOf(k)}`} /> {split.name}</span>
          ))}
        </span>
      </header>
      {error.value && <ErrorStrip what={error.value.message} hint={error.value.hint} onRetry={retry} />}
      {!data.value && !error.value && <Empty>Counting…</Empty>}
      {counts && (
        <ul class="histogram-rows">
          {names.map((name, label) => (
            <Row key={name} name={name} label={label} counts={counts} splits={splits.map((split) => split.name)} />
          ))}
          {counts.unknown.some(Boolean) && (
            <li class="histogram-row">
              <span class="ellipsis muted">no label</span>
              <span class="muted">{formatCount(counts.unknown.reduce((a, b) => a + b, 0))}</span>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

interface RowProps {
  name: string;
  label: number;
  counts: ClassCounts;
  splits: readonly string[];
}

function Row({ name, label, counts, splits }: RowProps): JSX.Element {
  const here = counts.counts.map((row) => row[label] ?? 0);
  const sum = here.reduce((a, b) => a + b, 0);
  const look = classStyles.value[label];
  const said = splits.map((split, k) => `${split} ${formatCount(here[k] ?? 0)}`).join(', ');
  return (
    <li class="histogram-row" title={`${name}: ${said}`} style={{ '--hue': look?.color ?? 'var(--bar)' }}>
      <span class="histogram-name">
        {look && <Swatch look={look} small />}
        <span class="ellipsis">{name}</span>
      </span>
      <span class="histogram-bars">
        {here.map((count, k) =>
          count === 0 ? null : <span key={k} class={`histogram-bar ${fillOf(k)}`} style={{ flexGrow: count }} />,
        )}
        <span style={{ flexGrow: Math.max(0, counts.most - sum) }} />
      </span>
      <span class="number muted">{formatCount(sum)}</span>
    </li>
  );
}
