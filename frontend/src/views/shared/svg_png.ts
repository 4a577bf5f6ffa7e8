/** Charts of the page as a picture. */

const STYLES = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'opacity', 'font', 'text-anchor'];
const GAP = 16;
const SCALE = 2;

/** Charts side by side on the ground of `page`, at twice their size. */
export async function svgPng(charts: readonly SVGSVGElement[], page: Element): Promise<Blob | null> {
  const sizes = charts.map((chart) => chart.getBoundingClientRect());
  const canvas = document.createElement('canvas');
  canvas.width = SCALE * (GAP + sizes.reduce((sum, { width }) => sum + width + GAP, 0));
  canvas.height = SCALE * (2 * GAP + Math.max(0, ...sizes.map(({ height }) => height)));
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.scale(SCALE, SCALE);
  context.fillStyle = getComputedStyle(page).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  let left = GAP;
  for (const [k, chart] of charts.entries()) {
    const { width, height } = sizes[k]!;
    context.drawImage(await pictureOf(chart), left, GAP, width, height);
    left += width + GAP;
  }
  return new Promise((resolve) => canvas.toBlob(resolve));
}

/** An image has no style sheet: what the page's gives is written into a copy. */
async function pictureOf(chart: SVGSVGElement): Promise<HTMLImageElement> {
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
