import { type JSX } from 'preact';
import { Icon } from '../../../elements/icon';
import { type VerdictWord, canUndoVerdict, column, decide, focused, moveInQueue, relabelTarget, undoDecision, verdicts } from '../../../store';
import { RelabelTarget } from './relabel_target';
import { VERDICT_LOOKS, className } from './words';

const KEYS: Readonly<Record<VerdictWord, string>> = { keep: 'k', relabel: 'r', ambiguous: 'm' };

/** The verdicts, each with its key. */
export function Decision(): JSX.Element {
  const index = focused.value ?? -1;
  const now = verdicts.value.get(index)?.word;
  const label = column('label').data.value?.values[index] ?? -1;
  const to = relabelTarget.value;
  const button = (word: VerdictWord, text: string): JSX.Element => (
    <button
      type="button"
      class={word === 'relabel' ? 'button review-verdict first' : 'button review-verdict'}
      aria-pressed={now === word}
      aria-keyshortcuts={KEYS[word]}
      title={text}
      disabled={label < 0 || to < 0}
      onClick={() => decide(word)}
    >
      {now === word && <Icon name={VERDICT_LOOKS[word].icon} size={14} />}
      <span class="ellipsis">{text}</span> <kbd>{KEYS[word]}</kbd>
    </button>
  );
  return (
    <footer class="review-decision">
      {button('keep', 'Keep')}
      <span class="review-split">
        {button('relabel', `Relabel to ${className(to)}`)}
        <RelabelTarget label={label} />
      </span>
      {button('ambiguous', 'Ambiguous')}
      <button type="button" class="button review-verdict" aria-keyshortcuts="ArrowRight" onClick={() => moveInQueue(1)}>Skip <kbd>→</kbd></button>
      <span class="grow" />
      <button type="button" class="button review-verdict" aria-keyshortcuts="Control+Z" disabled={!canUndoVerdict.value} title="Take the last verdict back" onClick={undoDecision}>
        Undo <kbd class="wide">Ctrl Z</kbd>
      </button>
    </footer>
  );
}
