import { type JSX } from 'preact';

export interface HistogramProps {
  label: string;
  all: ArrayLike<number>;
  /** Of these, the ones that are marked. */
  chosen: ArrayLike<number> | null;
}

const WIDTH = 4;
const HEIGHT = 16;

/** Bars a few pixels wide. A bin with anything in it has a bar that is seen. */
export function Histogram({ label, all, chosen }: HistogramProps): JSX.Element {
  const most = Math.max(1, ...Array.from(all));
  return (
    <svg
      class="small-histogram"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH * all.length - 1} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      <path class="all" d={bars(all, most)} />
      {chosen && <path class="chosen" d={bars(chosen, most)} />}
    </svg>
  );
}

function bars(counts: ArrayLike<number>, most: number): string {
  let path = '';
  for (let k = 0; k < counts.length; k++) {
    const count = counts[k] ?? 0;
    const height = Math.max(1.5, (HEIGHT * count) / most);
    if (count > 0) path += `M${WIDTH * k} ${HEIGHT}v${-height}h${WIDTH - 1}V${HEIGHT}z`;
  }
  return path;
}
