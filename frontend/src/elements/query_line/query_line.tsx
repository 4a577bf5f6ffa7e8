import { type JSX, type RefObject } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { sentence } from '../states';
import { useAid } from './aid';
import { type Vocabulary, LONGEST_PAINTED } from './complete';
import { Completions } from './completions';
import { wordsOf } from './words';
import './query_line.css';

export interface QueryLineProps {
  label: string;
  placeholder: string;
  value: string;
  vocabulary: Vocabulary;
  /** Queries asked before, newest first. */
  history: readonly string[];
  /** What is wrong with the value; `position` is underlined. */
  problem: { message: string; hint: string; position: readonly [number, number] | null } | null;
  field: RefObject<HTMLInputElement | null>;
  onInput(text: string): void;
  onRun(text: string): void;
  /** Escape, where nothing of the line's own is open. */
  onLeave(): void;
}

/** One line for a query: coloured, completed, with what is wrong below it. Enter runs it. */
export function QueryLine(props: QueryLineProps): JSX.Element {
  const { value, field, problem } = props;
  const aid = useAid(props);
  const paint = useRef<HTMLDivElement>(null);
  const slide = (): void => {
    for (const layer of paint.current?.children ?? []) {
      (layer as HTMLElement).style.transform = `translateX(${-(field.current?.scrollLeft ?? 0)}px)`;
    }
  };
  useLayoutEffect(slide);
  const key = (event: KeyboardEvent): void => {
    if (!aid.press(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="query-line">
      <div class="query-text">
        <Paint value={value} problem={problem?.position ?? null} layers={paint} />
        <input
          ref={field}
          type="text"
          class={value.length > LONGEST_PAINTED ? 'plain' : undefined}
          role="combobox"
          aria-label={props.label}
          aria-autocomplete="list"
          aria-expanded={aid.completion !== null}
          aria-controls="query-suggestions"
          aria-activedescendant={aid.active >= 0 ? `query-suggestion-${aid.active}` : undefined}
          aria-invalid={problem !== null}
          aria-describedby={problem ? 'query-problem' : undefined}
          placeholder={props.placeholder}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          value={value}
          onInput={aid.follow}
          onKeyDown={key}
          onScroll={slide}
          onSelect={slide}
          onClick={aid.close}
          onBlur={aid.close}
        />
      </div>
      {aid.completion && (
        <Completions completion={aid.completion} active={aid.active} paint={paint} field={field} onPick={aid.accept} />
      )}
      {problem && (
        <div class="query-problem" id="query-problem" role="alert">
          <b>{sentence(problem.message)}</b> <span class="muted">{sentence(problem.hint)}</span>
        </div>
      )}
    </div>
  );
}

interface PaintProps {
  value: string;
  problem: readonly [number, number] | null;
  layers: RefObject<HTMLDivElement | null>;
}

/** The colours below the field's own, transparent, text. */
function Paint({ value, problem, layers }: PaintProps): JSX.Element {
  const words = useMemo(() => (value.length > LONGEST_PAINTED ? [] : wordsOf(value)), [value]);
  const [start, stop] = problem ?? [0, 0];
  return (
    <div class="query-paint" aria-hidden="true" ref={layers}>
      <span>{words.map(({ kind, text }, k) => <span key={k} class={kind}>{text}</span>)}</span>
      {problem && value.length <= LONGEST_PAINTED && (
        <span class="underline">
          {value.slice(0, start)}
          <span class="bad">{value.slice(start, stop) || '\u00a0'}</span>
        </span>
      )}
    </div>
  );
}
