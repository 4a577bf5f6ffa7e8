import { type JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import { Popover } from '../../elements/popover';
import { type ColumnInfo } from '../../schema';
import { colourBy, derivedColumns, hiddenClasses, payload } from '../../store';

/** Every derived column with its definition and where it is from. */
export function Definitions(): JSX.Element {
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  const shown = payload.value;
  const trigger = (
    <button type="button" class="text-button" aria-expanded={open} onClick={() => setOpen(!open)}>Definitions</button>
  );
  return (
    <Popover open={open} onClose={close} label="Definitions of the derived columns" trigger={trigger}>
      <h2>Derived columns</h2>
      <p class="caption">In the table, queries and colours, at any epoch: each counts what had happened by then.</p>
      <dl class="definitions">
        {(shown ? derivedColumns(shown) : []).map((info) => <Definition key={info.name} info={info} />)}
      </dl>
    </Popover>
  );
}

function Definition({ info }: { info: ColumnInfo }): JSX.Element {
  const chosen = colourBy.value === info.name;
  const colour = (): void => {
    hiddenClasses.value = new Set();
    colourBy.value = info.name;
  };
  return (
    <>
      <dt>
        <b>{info.title}</b> <code>{info.name}</code>
        <span class="grow" />
        {info.kind !== 'text' && (
          <button type="button" class="text-button" disabled={chosen} onClick={colour}>{chosen ? 'colours the page' : 'Colour by it'}</button>
        )}
      </dt>
      <dd>{info.definition}{info.source && <span class="caption"> ({info.source})</span>}</dd>
    </>
  );
}
