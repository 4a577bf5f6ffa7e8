/** The rail: one line a view. Keys are pressed to show a view. */

import { type ComponentType } from 'preact';
import { type IconName } from '../elements/icon';
import { Attribution } from './attribution';
import { ConfusionView } from './confusion';
import { Dynamics } from './dynamics';
import { Facets } from './facets';
import { LayersView } from './layers';
import { Overview } from './overview';
import { Samples } from './samples';
import { Similar } from './similar';

export interface ViewEntry {
  name: string;
  label: string;
  key: string;
  icon: IconName;
  component: ComponentType;
}

export const VIEWS: readonly ViewEntry[] = [
  { name: 'overview', label: 'Overview', key: '1', icon: 'overview', component: Overview },
  { name: 'samples', label: 'Samples', key: '2', icon: 'samples', component: Samples },
  { name: 'similar', label: 'Similar', key: '3', icon: 'similar', component: Similar },
  { name: 'confusion', label: 'Confusion', key: '4', icon: 'confusion', component: ConfusionView },
  { name: 'facets', label: 'Facets', key: '5', icon: 'facets', component: Facets },
  { name: 'layers', label: 'Layers', key: '6', icon: 'layers', component: LayersView },
  { name: 'attribution', label: 'Attribution', key: '7', icon: 'attribution', component: Attribution },
  { name: 'dynamics', label: 'Dynamics', key: '8', icon: 'dynamics', component: Dynamics },
];
