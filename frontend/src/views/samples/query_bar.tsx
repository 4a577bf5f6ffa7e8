import { type JSX } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { IconButton } from '../../elements/button';
import { Popover } from '../../elements/popover';
import { QueryLine } from '../../elements/query_line/query_line';
import { type Vocabulary } from '../../elements/query_line/complete';
import { Segmented } from '../../elements/segmented';
import { definitionOf, formatCount } from '../../format';
import { type RunPayload } from '../../schema';
import {
  forgetHistory,
  forgetQuery,
  listedSelection,
  namedSets,
  payload,
  queryElsewhere,
  queryError,
  queryFocus,
  queryHistory,
  queryResult,
  queryRunning,
  queryText,
  runQuery,
  shownTotal,
  tableScope,
  tags,
} from '../../store';
import { ExportMenu } from '../shared/export_menu';
import { ColumnMenu } from './column_menu';
import { presets } from './presets';

/** The query, what it found, and which samples the table lists. */
export function QueryBar(): JSX.Element | null {
  const shown = payload.value;
  const field = useRef<HTMLInputElement>(null);
  const wanted = queryFocus.value;
  useEffect(() => {
    if (!wanted || !field.current) return;
    field.current.select();
    queryFocus.value = false;
  });
  const vocabulary = useVocabulary(shown);
  const text = queryText.value;
  const problem = queryError.value;
  if (!shown) return null;
  const change = (changed: string): void => {
    queryText.value = changed;
    queryError.value = null;
  };
  return (
    <div class="query-bar" role="search" aria-busy={queryRunning.value}>
      <QueryLine
        label="Query"
        placeholder="Filter, e.g. loss > 2 and label != prediction"
        value={text}
        vocabulary={vocabulary}
        history={queryHistory.value}
        problem={problem && { message: problem.error.message, hint: problem.error.hint, position: problem.error.position }}
        field={field}
        onInput={change}
        onRun={(wanted) => void runQuery(wanted)}
        onLeave={() => (queryError.value ? (queryError.value = null) : field.current?.blur())}
      />
      {text === '' ? <kbd class="wide" title="Press / to write a query">/</kbd> : <IconButton small icon="close" label="Clear the query" onClick={forgetQuery} />}
      <Count />
      <Scope />
      <QueryMenu shown={shown} />
      <ColumnMenu />
      <ExportMenu />
    </div>
  );
}

function useVocabulary(shown: RunPayload | null): Vocabulary {
  const sets = namedSets.value;
  const words = tags.value;
  return useMemo(() => {
    const classes = shown?.manifest.class_names ?? [];
    const valuesOf = (kind: string, values: string[] | null): readonly string[] | null =>
      kind === 'index' ? classes : kind === 'boolean' ? ['True', 'False'] : values;
    const columns = (shown?.columns ?? []).map((info) => ({
      name: info.name, definition: definitionOf(info), values: valuesOf(info.kind, info.values),
    }));
    return { columns, classes, sets: [...sets.keys()], tags: [...words.keys()] };
  }, [shown, sets, words]);
}

/** `98 of 2,000`, as in the table, and where they were found if that is not what is shown. */
function Count(): JSX.Element {
  const result = queryResult.value;
  const where = queryElsewhere.value;
  const chosen = listedSelection.value.size;
  return (
    <span class="query-count" role="status">
      {result && where && (
        <button
          type="button"
          class="text-button"
          title={`Found in ${where}. Click to ask again here.`}
          onClick={() => void runQuery(result.text)}
        >
          {where} ↻
        </button>
      )}
      <span>
        {result || chosen > 0 ? <><b>{formatCount(chosen)}</b> of </> : 'all '}
        {formatCount(shownTotal.value)}
      </span>
    </span>
  );
}

function Scope(): JSX.Element | null {
  return (
    <Segmented
      label="The table lists"
      value={tableScope.value}
      options={[
        { value: 'all', label: 'All', title: 'Every sample of the shown splits' },
        { value: 'selected', label: 'Selected', title: 'Only the selected samples' },
      ]}
      onChange={(scope) => (tableScope.value = scope)}
    />
  );
}

/** Queries to start from, and those asked before. */
function QueryMenu({ shown }: { shown: RunPayload }): JSX.Element {
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  const button = useRef<HTMLButtonElement>(null);
  const run = (text: string): void => {
    setOpen(false);
    void runQuery(text);
  };
  const trigger = (
    <button ref={button} type="button" class="control small presets" aria-expanded={open} title="Presets and earlier queries" onClick={() => setOpen(!open)}>
      Presets <span class="caret" aria-hidden="true">▾</span>
    </button>
  );
  const before = queryHistory.value;
  return (
    <Popover open={open} onClose={close} label="Presets and earlier queries" trigger={trigger}>
      <div class="menu query-menu" style={{ maxHeight: `${Math.min(440, (button.current?.getBoundingClientRect().top ?? 0) - 32)}px` }}>
        {presets(shown).map(({ label, text }) => (
          <button key={label} type="button" onClick={() => run(text)}>
            {label} <span class="mono ellipsis">{text}</span>
          </button>
        ))}
        {before.length > 0 && (
          <h2>
            Earlier <button type="button" class="text-button" onClick={forgetHistory}>Clear</button>
          </h2>
        )}
        {before.map((text) => (
          <button key={text} type="button" title={text} onClick={() => run(text)}>
            <span class="mono ellipsis">{text}</span>
          </button>
        ))}
      </div>
    </Popover>
  );
}
