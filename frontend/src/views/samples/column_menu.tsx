import { type JSX } from 'preact';
import { useCallback, useRef, useState } from 'preact/hooks';
import { IconButton } from '../../elements/button';
import { Popover } from '../../elements/popover';
import { definitionOf } from '../../format';
import { colourBy, optionalColumns, showColumn, tableColumnsShown, tableSort } from '../../store';

/** Which columns the table shows. */
export function ColumnMenu(): JSX.Element {
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  const anchor = useRef<HTMLSpanElement>(null);
  const above = (anchor.current?.getBoundingClientRect().top ?? 0) - 130;
  const trigger = (
    <span ref={anchor}>
      <IconButton small icon="adjust" label="Columns of the table" expanded={open} onClick={() => setOpen(!open)} />
    </span>
  );
  return (
    <Popover open={open} onClose={close} label="Columns of the table" trigger={trigger}>
      <div class="column-menu" style={{ maxHeight: `${Math.max(120, Math.min(440, above))}px` }}>
        {optionalColumns.value.map((info) => {
          const inUse = info.name === tableSort.value.column ? 'sorts the table' : info.name === colourBy.value ? 'colours the page' : '';
          return (
            <label key={info.name} class="check" title={definitionOf(info)}>
              <input
                type="checkbox"
                checked={tableColumnsShown.value.has(info.name)}
                disabled={inUse !== ''}
                onChange={(event) => showColumn(info.name, event.currentTarget.checked)}
              />
              <span>{info.title}</span>
              <span class="caption">{inUse}</span>
            </label>
          );
        })}
      </div>
    </Popover>
  );
}
