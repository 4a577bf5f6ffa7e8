/** What the tabs of the Dynamics view share. */

import { linkedText } from './link';

export const dynamicsTab = linkedText('dynamics.tab', 'cartography');
