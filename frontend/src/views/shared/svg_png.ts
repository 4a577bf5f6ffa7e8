/** Charts of the page as a picture. */

const STYLES = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'opacity', 'paint-order', 'font', 'text-anchor'];
const GAP = 16;
const TITLE = 20;
const SCALE = 2;

export interface Sheet {
  /** Charts in a row; all by default. */
  across?: number;
  /** What stands above each chart. */
  titles?: readonly string[];
}

/** Charts side by side on the ground of `page`, at twice their size. */
export async function svgPng(charts: readonly SVGSVGElement[], page: Element, { across = charts.length, titles }: Sheet = {}): Promise<Blob | null> {
  const sizes = charts.map((chart) => chart.getBoundingClientRect());
  const rows = Array.from({ length: Math.ceil(sizes.length / across) }, (_, row) => sizes.slice(row * across, (row + 1) * across));
  const above = titles ? TITLE : 0;
  const tall = rows.map((row) => above + GAP + Math.max(0, ...row.map(({ height }) => height)));
  const wide = rows.map((row) => row.reduce((sum, { width }) => sum + width + GAP, GAP));
  const canvas = document.createElement('canvas');
  canvas.width = SCALE * Math.max(GAP, ...wide);
  canvas.height = SCALE * tall.reduce((sum, height) => sum + height, GAP);
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.scale(SCALE, SCALE);
  const { backgroundColor, color, fontFamily } = getComputedStyle(page);
  context.fillStyle = backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = color;
  context.font = `12px ${fontFamily}`;
  let [left, top] = [GAP, GAP];
  for (const [k, chart] of charts.entries()) {
    const { width, height } = sizes[k]!;
    if (titles) context.fillText(titles[k] ?? '', left, top + 12, width);
    context.drawImage(await pictureOf(chart), left, top + above, width, height);
    left += width + GAP;
    if ((k + 1) % across === 0) [left, top] = [GAP, top + tall[Math.floor(k / across)]!];
  }
  return new Promise((resolve) => canvas.toBlob(resolve));
}

/** An image has no style sheet: what the page's gives is written into a copy. */
export async function pictureOf(chart: SVGSVGElement): Promise<HTMLImageElement> {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  const copies = copy.querySelectorAll<SVGElement>('*');
  [...chart.querySelectorAll('*')].forEach((element, k) => {
    const style = getComputedStyle(element);
    for (const name of STYLES) copies[k]!.style.setProperty(name, style.getPropertyValue(name));
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}
