import { type ReadonlySignal, useSignalEffect } from '@preact/signals';
import { type ComponentChildren, type JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Ink } from '../../draw/points';
import { type Trails } from '../../draw/trails';
import { type Viewport } from '../../draw/viewport';
import { type Joining, type Tool, connectGestures } from './gestures';
import { type PictureLook } from './pictures';
import { type Layout, ScatterPlot } from './plot';
import './scatter.css';

export interface ScatterMarks {
  readonly flags: Uint8Array;
  readonly someSelected: boolean;
}

export interface ScatterProps {
  /** What the plot shows, for those who do not see it. */
  label: string;
  layout: ReadonlySignal<Layout | null>;
  /** Four bytes a sample: red, green, blue, kind of body. */
  colours: ReadonlySignal<Uint8Array | null>;
  marks: ReadonlySignal<ScatterMarks | null>;
  ink: ReadonlySignal<Ink>;
  focused: ReadonlySignal<number | null>;
  hovered: ReadonlySignal<number | null>;
  /** Points as pictures; null: as dots. */
  pictures: ReadonlySignal<PictureLook | null>;
  /** Where some samples came from; null: not drawn. */
  trails?: ReadonlySignal<Trails | null>;
  /** How many of the points are drawn as pictures. */
  onPictures(shown: number, of: number): void;
  /** What part of the plane is shown: for axes beside the plot. */
  onView?(viewport: Viewport): void;
  /** False while the page is not on screen. */
  active: ReadonlySignal<boolean>;
  onHover(index: number | null): void;
  onFocus(index: number): void;
  tool: ReadonlySignal<Tool>;
  /** A lasso or box has ended: 1 for every sample within. */
  onEnclose(mask: Uint8Array, joining: Joining): void;
  /** Given the plot once it exists, null once it is gone. */
  plotRef(plot: ScatterPlot | null): void;
  /** Laid over the plot: axis titles, a hover card. */
  children?: ComponentChildren;
}

/** Points that pan, zoom, move between layouts and can be picked. */
export function Scatter(props: ScatterProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<ScatterPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const made = new ScatterPlot(
      element,
      (shown, of) => latest.current.onPictures(shown, of),
      (viewport) => latest.current.onView?.(viewport),
    );
    plot.current = made;
    latest.current.plotRef(made);
    const disconnect = connectGestures(element, made, {
      hover: (index) => latest.current.onHover(index),
      focus: (index) => latest.current.onFocus(index),
      tool: () => latest.current.tool.peek(),
      outline: (line) => made.setOutline(line),
      enclose: (line, joining) => latest.current.onEnclose(made.enclosed(line), joining),
    });
    const measure = (): void =>
      made.resize(element.clientWidth, element.clientHeight, Math.min(3, devicePixelRatio || 1));
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => {
      observer.disconnect();
      disconnect();
      latest.current.onHover(null);
      latest.current.plotRef(null);
      plot.current = null;
      made.destroy();
    };
  }, []);

  useSignalEffect(() => {
    const layout = props.layout.value;
    if (layout) plot.current?.setLayout(layout);
  });
  useSignalEffect(() => {
    const colours = props.colours.value;
    if (colours) plot.current?.setColours(colours);
  });
  useSignalEffect(() => {
    const marks = props.marks.value;
    if (marks) plot.current?.setFlags(marks.flags, marks.someSelected);
  });
  useSignalEffect(() => plot.current?.setPictures(props.pictures.value));
  useSignalEffect(() => plot.current?.setTrails(props.trails?.value ?? null));
  useSignalEffect(() => plot.current?.setInk(props.ink.value));
  useSignalEffect(() => plot.current?.setFocused(props.focused.value));
  useSignalEffect(() => plot.current?.setHovered(props.hovered.value));
  useSignalEffect(() => plot.current?.setActive(props.active.value));

  return (
    <div
      class={`scatter ${props.tool.value}`}
      ref={host}
      tabIndex={0}
      role="img"
      aria-label={`${props.label}. Arrow keys pan, plus and minus zoom, f fits.`}
    >
      {props.children}
    </div>
  );
}
