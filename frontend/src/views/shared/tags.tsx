import { type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { IconButton } from '../../elements/button';
import { LONGEST_NAME, SampleSet, payload, tagSamples, tags, tagsOf, untagSamples } from '../../store';

/** A sample's tags: each can be taken off, and another put on. */
export function TagEditor({ index }: { index: number }): JSX.Element {
  const [draft, setDraft] = useState('');
  const one = (): SampleSet => SampleSet.of([index], payload.peek()?.manifest.n_samples ?? 0);
  const add = (event: Event): void => {
    event.preventDefault();
    tagSamples(draft, one());
    setDraft('');
  };
  return (
    <form class="tag-editor" aria-label={`Tags of sample ${index}`} onSubmit={add}>
      {tagsOf(index).map((word) => (
        <span key={word} class="tag" title={word}>
          <span class="ellipsis">{word}</span>
          <IconButton small icon="close" label={`Remove the tag ${word}`} onClick={() => untagSamples(word, one())} />
        </span>
      ))}
      <input
        type="text"
        class="text-field"
        aria-label="Add a tag"
        placeholder="Add a tag"
        maxLength={LONGEST_NAME}
        list="known-tags"
        value={draft}
        onInput={(event) => setDraft(event.currentTarget.value)}
      />
      <datalist id="known-tags">
        {[...tags.value.keys()].map((word) => <option key={word} value={word} />)}
      </datalist>
    </form>
  );
}
