import { type JSX, type RefObject } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { sentence } from '../states';
import { type Completion, type Vocabulary, LONGEST_PAINTED, complete } from './complete';
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

/** Of the line's own state: the list of suggestions, and the place in the history. */
interface Aid {
  completion: Completion | null;
  /** The suggestion that the arrow keys are at; -1 before they were used. */
  active: number;
  /** How many queries back the line is; 0: at what was typed. */
  back: number;
  typed: string;
}

const NO_AID: Aid = { completion: null, active: -1, back: 0, typed: '' };

/** One line for a query: coloured, completed, with what is wrong below it. Enter runs it. */
export function QueryLine(props: QueryLineProps): JSX.Element {
  const { value, field, problem } = props;
  const [aid, setAid] = useState<Aid>(NO_AID);
  const paint = useRef<HTMLDivElement>(null);
  const caret = useRef<number | null>(null);
  const slide = (): void => {
    for (const layer of paint.current?.children ?? []) {
      (layer as HTMLElement).style.transform = `translateX(${-(field.current?.scrollLeft ?? 0)}px)`;
    }
  };
  useLayoutEffect(() => {
    if (caret.current !== null) field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
    slide();
  });
  const write = (text: string, at: number, next: Aid): void => {
    caret.current = at;
    props.onInput(text);
    setAid(next);
  };
  const accept = (k: number): void => {
    const { completion } = aid;
    const suggestion = completion?.suggestions[k];
    if (!completion || !suggestion) return;
    const at = completion.from + suggestion.insert.length;
    const text = value.slice(0, completion.from) + suggestion.insert + value.slice(completion.to);
    write(text, at, { ...NO_AID, completion: suggestion.insert.endsWith('(') ? complete(text, at, props.vocabulary) : null });
  };
  const recall = (by: 1 | -1): void => {
    const back = Math.min(props.history.length, Math.max(0, aid.back + by));
    const typed = aid.back === 0 ? value : aid.typed;
    const text = back === 0 ? typed : (props.history[back - 1] ?? '');
    if (back !== aid.back) write(text, text.length, { ...NO_AID, back, typed });
  };
  const key = (event: KeyboardEvent): void => {
    const count = aid.completion?.suggestions.length ?? 0;
    const at = field.current?.selectionStart ?? value.length;
    const used = ((): boolean => {
      switch (event.key) {
        case 'Enter':
          if (aid.active >= 0) accept(aid.active);
          else setAid(NO_AID), props.onRun(value);
          return true;
        case 'Tab':
          if (count === 0 || event.shiftKey) return false;
          accept(Math.max(0, aid.active));
          return true;
        case 'Escape':
          if (aid.completion) setAid(NO_AID);
          else props.onLeave();
          return true;
        case 'ArrowDown':
        case 'ArrowUp': {
          const by = event.key === 'ArrowDown' ? 1 : -1;
          if (count > 0) setAid({ ...aid, active: Math.max(-1, Math.min(count - 1, aid.active + by)) });
          else recall(by === 1 ? -1 : 1);
          return true;
        }
        case ' ':
          if (!event.ctrlKey) return false;
          setAid({ ...NO_AID, completion: complete(value, at, props.vocabulary, true) });
          return true;
        case 'ArrowLeft':
        case 'ArrowRight':
        case 'Home':
        case 'End':
          setAid({ ...aid, completion: null, active: -1 });
          return false;
        default:
          return false;
      }
    })();
    if (used) event.preventDefault();
    if (used) event.stopPropagation();
  };
  const input = (event: InputEvent & { currentTarget: HTMLInputElement }): void => {
    const { value: text, selectionStart } = event.currentTarget;
    props.onInput(text);
    setAid({ ...NO_AID, completion: complete(text, selectionStart ?? text.length, props.vocabulary) });
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
          onInput={input}
          onKeyDown={key}
          onScroll={slide}
          onSelect={slide}
          onClick={() => setAid(NO_AID)}
          onBlur={() => setAid(NO_AID)}
        />
      </div>
      {aid.completion && <Completions completion={aid.completion} active={aid.active} paint={paint} field={field} onPick={accept} />}
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
