import { type Surface, bestSurface, cpuSurface } from './surface';

/** The canvases of a plot in its host; they fall back to the CPU where the GPU is lost. */
export class Stage {
  surface: Surface;
  /** Device pixels per CSS pixel. */
  unit = 1;
  private width = 0;
  private height = 0;

  constructor(
    private readonly host: HTMLElement,
    private readonly onLost: () => void,
  ) {
    this.surface = bestSurface();
    this.attach();
  }

  /** CSS pixels. */
  resize(width: number, height: number, unit: number): void {
    [this.width, this.height, this.unit] = [width, height, unit];
    this.sizeCanvases();
  }

  /** On the CPU, which pictures need, or on the best there is. */
  use(cpu: boolean): void {
    this.detach();
    this.surface = cpu ? cpuSurface() : bestSurface();
    this.sizeCanvases();
    this.attach();
  }

  detach(): void {
    this.surface.canvases[0]?.removeEventListener('webglcontextlost', this.fallBack);
    this.surface.canvases.forEach((canvas) => canvas.remove());
  }

  private attach(): void {
    this.host.prepend(...this.surface.canvases);
    this.surface.canvases[0]?.addEventListener('webglcontextlost', this.fallBack);
  }

  private readonly fallBack = (event: Event): void => {
    event.preventDefault();
    this.use(true);
    this.onLost();
  };

  private sizeCanvases(): void {
    for (const canvas of this.surface.canvases) {
      canvas.width = Math.round(this.width * this.unit);
      canvas.height = Math.round(this.height * this.unit);
    }
  }
}
