import { type ComponentType, type JSX } from 'preact';
import { Segmented } from '../../elements/segmented';
import { dynamicsTab } from '../../store';
import { Cartography, MapTools } from './cartography';
import { Compare, CompareTools } from './compare';
import { LabelReview } from './review';
import { ReviewControls } from './review/controls';
import './dynamics.css';

interface Tab {
  value: string;
  label: string;
  component: ComponentType;
  /** In the view's head, before the tabs. */
  tools?: ComponentType;
}

const TABS: readonly Tab[] = [
  { value: 'cartography', label: 'Cartography', component: Cartography, tools: MapTools },
  { value: 'review', label: 'Label errors', component: LabelReview, tools: ReviewControls },
  { value: 'compare', label: 'Compare', component: Compare, tools: CompareTools },
];

/** What the record of every epoch shows and no single epoch can. Each tab brings its body. */
export function Dynamics(): JSX.Element {
  const tab = TABS.find(({ value }) => value === dynamicsTab.value) ?? TABS[0];
  const [Body, TabTools] = [tab?.component, tab?.tools];
  return (
    <>
      <header class="view-head">
        <h1>Dynamics</h1>
        <span class="grow" />
        {TabTools && <TabTools />}
        <Segmented label="What is shown" value={tab?.value ?? ''} options={TABS} onChange={(value) => (dynamicsTab.value = value)} />
      </header>
      {Body && <Body />}
    </>
  );
}
