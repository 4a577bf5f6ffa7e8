/** What helps in writing a query: suggestions, and the queries asked before. */

import { type RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Completion, type Vocabulary, complete } from './complete';

interface State {
  completion: Completion | null;
  /** The suggestion that the arrow keys are at; -1 before they were used. */
  active: number;
  /** How many queries back the line is; 0: at what was typed. */
  back: number;
  typed: string;
}

export interface AidOptions {
  value: string;
  vocabulary: Vocabulary;
  history: readonly string[];
  field: RefObject<HTMLInputElement | null>;
  onInput(text: string): void;
  onRun(text: string): void;
  onLeave(): void;
}

export interface Aid {
  completion: Completion | null;
  active: number;
  /** Puts the suggestion in the place of what is typed. */
  accept(k: number): void;
  /** Follows a change of the text. */
  follow(): void;
  close(): void;
  /** True where the key was for the line. */
  press(event: KeyboardEvent): boolean;
}

const NONE: State = { completion: null, active: -1, back: 0, typed: '' };

export function useAid({ value, vocabulary, history, field, onInput, onRun, onLeave }: AidOptions): Aid {
  const [state, setState] = useState<State>(NONE);
  const { completion, active } = state;
  const caret = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (caret.current !== null) field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });
  const suggest = (text: string, at: number, asked = false): void =>
    setState({ ...NONE, completion: complete(text, at, vocabulary, asked) });
  const write = (text: string, at: number): void => {
    caret.current = at;
    onInput(text);
  };
  const accept = (k: number): void => {
    const suggestion = completion?.suggestions[k];
    if (!completion || !suggestion) return;
    const at = completion.from + suggestion.insert.length;
    const text = value.slice(0, completion.from) + suggestion.insert + value.slice(completion.to);
    write(text, at);
    if (suggestion.insert.endsWith('(')) suggest(text, at);
    else setState(NONE);
  };
  const recall = (by: 1 | -1): void => {
    const back = Math.min(history.length, Math.max(0, state.back + by));
    if (back === state.back) return;
    const typed = state.back === 0 ? value : state.typed;
    const text = back === 0 ? typed : (history[back - 1] ?? '');
    write(text, text.length);
    setState({ ...NONE, back, typed });
  };
  const move = (by: 1 | -1): void => {
    const last = (completion?.suggestions.length ?? 0) - 1;
    if (last < 0) recall(by === 1 ? -1 : 1);
    else setState({ ...state, active: Math.max(-1, Math.min(last, active + by)) });
  };
  const enter = (): void => {
    if (active >= 0) return accept(active);
    setState(NONE);
    onRun(value);
  };
  const escape = (): void => (completion ? setState(NONE) : onLeave());
  const press = ({ key, shiftKey, ctrlKey }: KeyboardEvent): boolean => {
    const at = field.current?.selectionStart ?? value.length;
    if (key === 'Enter') enter();
    else if (key === 'Tab' && completion && !shiftKey) accept(Math.max(0, active));
    else if (key === 'Escape') escape();
    else if (key === 'ArrowDown' || key === 'ArrowUp') move(key === 'ArrowDown' ? 1 : -1);
    else if (key === ' ' && ctrlKey) suggest(value, at, true);
    else {
      if (['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(key)) setState({ ...state, completion: null, active: -1 });
      return false;
    }
    return true;
  };
  const follow = (): void => {
    const text = field.current?.value ?? '';
    onInput(text);
    suggest(text, field.current?.selectionStart ?? text.length);
  };
  return { completion, active, accept, follow, close: () => setState(NONE), press };
}
