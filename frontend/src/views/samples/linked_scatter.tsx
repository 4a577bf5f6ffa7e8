import { useSignal } from '@preact/signals';
import { type ComponentChildren, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { HoverCard } from '../../elements/hover_card';
import { type ScatterPlot } from '../../elements/scatter/plot';
import { Scatter, type ScatterProps } from '../../elements/scatter/scatter';
import { focusSample, focused, hovered, pageVisible } from '../../store';
import { HoveredSample } from './hovered_sample';
import { colours, ink, marks, pictures, selectEnclosed, tool } from './state';

type Own = Pick<ScatterProps, 'label' | 'layout' | 'trails' | 'onView' | 'plotRef' | 'children'>;
type Usual = Partial<Pick<ScatterProps, 'colours' | 'marks' | 'onPictures'>>;

export interface LinkedScatterProps extends Own, Usual {
  /** What the card says of a sample besides. */
  card?(index: number): ComponentChildren;
}

/** A scatter plot that shows and sets what all share: focus, pointer, selection, colours, pictures. */
export function LinkedScatter({ card, plotRef, children, ...own }: LinkedScatterProps): JSX.Element {
  const [plot, setPlot] = useState<ScatterPlot | null>(null);
  const under = useSignal<number | null>(null);
  return (
    <Scatter
      colours={colours}
      marks={marks}
      onPictures={() => undefined}
      {...own}
      ink={ink}
      focused={focused}
      hovered={hovered}
      active={pageVisible}
      onHover={(index) => (under.value = hovered.value = index)}
      onFocus={focusSample}
      tool={tool}
      pictures={pictures}
      onEnclose={selectEnclosed}
      plotRef={(made) => {
        setPlot(made);
        plotRef(made);
      }}
    >
      {children}
      {plot && under.value !== null && <Card plot={plot} index={under.value}>{card?.(under.value)}</Card>}
    </Scatter>
  );
}

/** The hover card at a sample's place. */
function Card({ plot, index, children }: { plot: ScatterPlot; index: number; children?: ComponentChildren }): JSX.Element | null {
  const at = plot.screenOf(index);
  if (at === null) return null;
  const [width, height] = plot.size;
  return (
    <HoverCard x={at[0]} y={at[1]} width={width} height={height}>
      <HoveredSample index={index}>{children}</HoveredSample>
    </HoverCard>
  );
}
