/** TensorBoard imports this module in the tab's iframe and calls `render`. */

import './style.css';
import { render as mount } from 'preact';
import { App } from './frame/app';

const STYLES = 'index.css';

function loadStyles(): Promise<void> {
  const sheet = document.createElement('link');
  sheet.rel = 'stylesheet';
  sheet.href = new URL(STYLES, import.meta.url).href;
  const loaded = new Promise<void>((resolve) => {
    sheet.onload = (): void => resolve();
    sheet.onerror = (): void => resolve();
  });
  document.head.append(sheet);
  return loaded;
}

export async function render(): Promise<void> {
  document.documentElement.lang = 'en';
  document.title = 'CNN Vis';
  await loadStyles();
  mount(<App />, document.body);
}
