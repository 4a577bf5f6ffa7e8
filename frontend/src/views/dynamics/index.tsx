import { type ComponentType, type JSX } from 'preact';
import { Segmented } from '../../elements/segmented';
import { dynamicsTab } from '../../store';
import { Cartography } from './cartography';
import './dynamics.css';

interface Tab {
  value: string;
  label: string;
  component: ComponentType;
}

const TABS: readonly Tab[] = [
  { value: 'cartography', label: 'Cartography', component: Cartography },
];

/** What the record of every epoch shows and no single epoch can. Each tab brings its body. */
export function Dynamics(): JSX.Element {
  const tab = TABS.find(({ value }) => value === dynamicsTab.value) ?? TABS[0];
  const Body = tab?.component;
  return (
    <>
      <header class="view-head">
        <h1>Dynamics</h1>
        <span class="grow" />
        <Segmented label="What is shown" value={tab?.value ?? ''} options={TABS} onChange={(value) => (dynamicsTab.value = value)} />
      </header>
      {Body && <Body />}
    </>
  );
}
