import { type JSX } from 'preact';

const PATHS = {
  overview: 'M3 3h6v6H3zM11 3h6v4h-6zM11 9h6v8h-6zM3 11h6v6H3z',
  samples: 'M5 6h.01M9 4h.01M7 10h.01M13 7h.01M15 12h.01M11 13h.01M6 15h.01M15 16h.01M12 4h.01',
  facets: 'M3 17V3M3 17h14M6 14h2v-2H6zM6 11h2V9H6zM11 14h2v-2h-2zM11 11h2V9h-2zM11 8h2V6h-2z',
  layers: 'M10 3l7.500 4-7.500 4-7.500-4zM2.500 10.500l7.500 4 7.500-4M2.500 13.500l7.500 4 7.500-4',
  confusion: 'M3 3h14v14H3zM3 7.700h14M3 12.300h14M7.700 3v14M12.300 3v14',
  similar: 'M3 7h8v8H3zM8 7V4h9v8h-6',
  attribution: 'M2 10C4.200 6.500 7 5 10 5s5.800 1.500 8 5c-2.200 3.500-5 5-8 5s-5.800-1.500-8-5M7.500 10a2.500 2.500 0 105 0 2.500 2.500 0 10-5 0',
  dynamics: 'M3 3v14h14M5.500 13.500c4 0 4.500-8 11-9M5.500 6c4.500 0 4 5.500 11 6.500',
  previous: 'M12 5l-5 5 5 5',
  next: 'M8 5l5 5-5 5',
  play: 'M6 4l10 6-10 6z',
  pause: 'M7 4v12M13 4v12',
  link: 'M8.5 11.5l3-3M7 9.5L5.2 11.3a2.5 2.5 0 003.5 3.5L10.5 13M13 10.500l1.800-1.800a2.500 2.500 0 00-3.500-3.500L9.500 7',
  more: 'M5 10h.01M10 10h.01M15 10h.01',
  save: 'M10 3v9M6 9l4 4 4-4M4 16h12',
  up: 'M5 12l5-5 5 5',
  down: 'M5 8l5 5 5-5',
  pin: 'M7 3h6M8 3v5l-3 4h10l-3-4V3M10 12v5',
  undo: 'M7 5L3.500 8.500 7 12M4 8.500h8a4 4 0 010 8H9',
  dice: 'M4 4h12v12H4zM7.500 7.500h.01M12.500 7.500h.01M10 10h.01M7.500 12.500h.01M12.500 12.500h.01',
  help: 'M7.500 8a2.500 2.500 0 115 0c0 2-2.500 2-2.500 4M10 15h.01',
  pan: 'M10 2.500v15M2.500 10h15M7.800 4.700L10 2.500l2.200 2.200M7.800 15.300L10 17.500l2.200-2.200M4.700 7.800L2.500 10l2.200 2.200M15.300 7.800l2.200 2.200-2.200 2.200',
  lasso: 'M6 12.800C3.900 11.900 2.500 10.300 2.500 8.500 2.500 5.500 5.900 3 10 3s7.500 2.500 7.500 5.500S14.100 14 10 14c-.7 0-1.300-.1-2-.2M4.800 14a2 2 0 104 0 2 2 0 10-4 0M6.500 16c.3 1-.3 1.800-1.500 2',
  box: 'M3 6V3h3M14 3h3v3M17 14v3h-3M6 17H3v-3M8.500 3h3M8.500 17h3M3 8.500v3M17 8.500v3',
  trails: 'M3 16c1.500-5 4-2 6-5s2.500-6 5.500-6.500M12 4.500h.01M15 3a1.500 1.500 0 103 0 1.500 1.500 0 10-3 0M3 11c2-4 3.500-3 5-5',
  fit: 'M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4',
  close: 'M6 6l8 8M14 6l-8 8',
  edit: 'M4 16l.800-3.200 8.700-8.700 2.400 2.400-8.700 8.700zM11.800 5.800l2.400 2.400',
  question: 'M7 7.500a3 3 0 116 0c0 2.200-3 2.200-3 5M10 15.500h.01',
  check: 'M4 10.500l4 4 8-9',
  copy: 'M7 7V4h9v9h-3M4 7h9v9H4z',
  adjust: 'M4 6h7M15 6h1M13 4v4M4 14h1M9 14h7M7 12v4',
  warning: 'M10 3.500L17.500 16.500h-15zM10 8.500v4M10 14.500h.01',
} as const;

export type IconName = keyof typeof PATHS;

const DOTTED: ReadonlySet<IconName> = new Set<IconName>(['samples', 'more']);

export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width={DOTTED.has(name) ? 2.6 : 1.5}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
