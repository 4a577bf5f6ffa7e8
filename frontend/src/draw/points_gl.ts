import { DIMMED, type Ink, type PointStyle, type Points, shownMarks } from './points';
import { CROSS_FROM, FORM_REACH, GAP, MARK_REACH, OUTLINE, RING, RING_ALPHA } from './stamp';
import type { Viewport } from './viewport';

const VERTEX = `#version 300 es
in vec2 a_from;
in vec2 a_to;
in uvec4 a_colour;
in uint a_flags;
uniform uint u_marks;
uniform float u_t, u_radius, u_unit, u_opacity, u_dim;
uniform vec2 u_centre, u_scale;
flat out vec3 v_colour;
flat out uint v_flags, v_body, v_form;
flat out float v_size, v_opacity, v_dim;
void main() {
  vec2 place = (mix(a_from, a_to, u_t) - u_centre) * u_scale;
  bool nowhere = any(isnan(place)) || any(isinf(place));
  gl_Position = nowhere ? vec4(2.0, 2.0, 0.0, 1.0) : vec4(place, 0.0, 1.0);
  float marks = 0.0;
  uint flags = a_flags & u_marks;
  if ((flags & 4u) != 0u) marks += ${OUTLINE.toFixed(2)} * u_unit;
  if ((flags & 2u) != 0u) marks += ${(GAP + RING).toFixed(2)} * u_unit;
  v_form = a_colour.a >> 2u;
  float reach = v_form == 0u ? u_radius + marks
    : ${FORM_REACH.toFixed(2)} * u_radius + ${MARK_REACH.toFixed(2)} * marks;
  v_size = 2.0 * ceil(reach + 1.0);
  gl_PointSize = v_size;
  v_colour = vec3(a_colour.rgb) / 255.0;
  v_body = a_colour.a & 3u;
  v_flags = flags;
  bool chosen = (flags & 4u) != 0u;
  v_opacity = chosen ? 1.0 : u_opacity;
  v_dim = chosen ? 1.0 : u_dim;
}`;

// The same marks as stamp.ts, whose words say what they mean: change both.
const FRAGMENT = `#version 300 es
precision highp float;
flat in vec3 v_colour;
flat in uint v_flags, v_body, v_form;
flat in float v_size, v_opacity, v_dim;
uniform float u_radius, u_unit;
uniform vec3 u_ground, u_ink, u_wrong;
uniform vec4 u_edge;
out vec4 o_colour;
float inside(float radius, float d) { return clamp(radius - d + 0.5, 0.0, 1.0); }
float band(float inner, float outer, float d) {
  return max(0.0, inside(outer, d) - inside(inner, d));
}
float plusDistance(vec2 a, float r) {
  return r + min(max(a.x - 1.25 * r, a.y - 0.42 * r), max(a.y - 1.25 * r, a.x - 0.42 * r));
}
float formDistance(uint form, float r, vec2 p) {
  vec2 a = abs(p);
  if (form == 1u) return max(a.x, a.y) + 0.114 * r;
  if (form == 2u) return max(p.y, 0.8660254 * a.x - 0.5 * p.y) + 0.28 * r;
  if (form == 3u) return (a.x + a.y) * 0.70710678 + 0.114 * r;
  if (form == 4u) return plusDistance(a, r);
  if (form == 5u) return plusDistance(abs(vec2(p.x + p.y, p.x - p.y)) * 0.70710678, r);
  return length(p);
}
vec4 over(vec4 under, vec3 colour, float alpha) {
  return under * (1.0 - alpha) + vec4(colour * alpha, alpha);
}
void main() {
  vec2 p = (gl_PointCoord - 0.5) * v_size;
  float d = formDistance(v_form, u_radius, p), unit = u_unit, radius = u_radius, rim = min(unit, 0.35 * radius);
  float filled = inside(radius, d);
  vec4 c = vec4(0.0);
  if (v_body != 0u) {
    c = over(c, v_colour, filled * 0.18);
    c = over(c, v_colour, band(radius - max(unit * 1.2, rim), radius, d));
  } else {
    c = over(c, v_colour, filled);
    c = over(c, u_edge.rgb, band(radius - rim, radius, d) * u_edge.a);
  }
  if (v_body == 2u) {
    c = over(c, v_colour, inside(unit * 0.6, abs(p.x + p.y) * 0.70710678) * filled);
  }
  bool wrong = (v_flags & 2u) != 0u;
  if (wrong && 2.0 * radius >= ${CROSS_FROM.toFixed(1)} * unit - 0.01) {
    float diagonal = min(abs(p.x - p.y), abs(p.x + p.y)) * 0.70710678;
    c = over(c, u_ground, inside(unit * 0.5, diagonal) * inside(radius - rim, d) * 0.9);
  }
  c *= v_opacity;
  float edge = radius;
  if ((v_flags & 4u) != 0u) {
    c = over(c, u_ink, band(edge, edge + ${OUTLINE.toFixed(2)} * unit, d));
    edge += ${OUTLINE.toFixed(2)} * unit;
  }
  if (wrong) {
    float inner = edge + ${GAP.toFixed(2)} * unit;
    c = over(c, u_wrong, band(inner, inner + ${RING.toFixed(2)} * unit, d) * ${RING_ALPHA.toFixed(2)} * v_opacity);
  }
  o_colour = c * v_dim;
}`;

const UNIFORMS = [
  'u_marks', 'u_t', 'u_radius', 'u_unit', 'u_opacity', 'u_dim', 'u_centre', 'u_scale',
  'u_ground', 'u_ink', 'u_wrong', 'u_edge',
] as const;
type Uniform = (typeof UNIFORMS)[number];

/** Whether the context is emulated on the CPU, where splatting the points ourselves is faster. */
export function isSoftware(gl: WebGL2RenderingContext): boolean {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL));
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

function compile(gl: WebGL2RenderingContext, type: number, source: string): WebGLShader {
  const shader = gl.createShader(type);
  if (shader === null) throw new Error('WebGL: the context is lost');
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
    throw new Error(`WebGL: ${gl.getShaderInfoLog(shader) ?? 'a shader does not compile'}`);
  }
  return shader;
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  gl.attachShader(program, compile(gl, gl.VERTEX_SHADER, VERTEX));
  gl.attachShader(program, compile(gl, gl.FRAGMENT_SHADER, FRAGMENT));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`WebGL: ${gl.getProgramInfoLog(program) ?? 'the program does not link'}`);
  }
  return program;
}

/** An array on the GPU, sent again only when it is another array than last time. */
class Uploaded {
  private last: ArrayBufferView | null = null;
  readonly buffer: WebGLBuffer | null;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly target: number,
  ) {
    this.buffer = gl.createBuffer();
  }

  bind(data: ArrayBufferView): void {
    this.gl.bindBuffer(this.target, this.buffer);
    if (data === this.last) return;
    this.gl.bufferData(this.target, data, this.gl.DYNAMIC_DRAW);
    this.last = data;
  }
}

/** Draws points with WebGL2. Arrays are taken as unchanged while they are the same object. */
export class GlPoints {
  private readonly program: WebGLProgram;
  private readonly uniforms: Record<Uniform, WebGLUniformLocation | null>;
  private readonly from: Uploaded;
  private readonly to: Uploaded;
  private readonly colours: Uploaded;
  private readonly flags: Uploaded;
  private readonly order: Uploaded;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.program = link(gl);
    const located = UNIFORMS.map((name) => [name, gl.getUniformLocation(this.program, name)]);
    this.uniforms = Object.fromEntries(located) as Record<Uniform, WebGLUniformLocation | null>;
    this.from = new Uploaded(gl, gl.ARRAY_BUFFER);
    this.to = new Uploaded(gl, gl.ARRAY_BUFFER);
    this.colours = new Uploaded(gl, gl.ARRAY_BUFFER);
    this.flags = new Uploaded(gl, gl.ARRAY_BUFFER);
    this.order = new Uploaded(gl, gl.ELEMENT_ARRAY_BUFFER);
  }

  /** `unit` is device pixels per CSS pixel of the viewport. */
  draw(
    points: Points,
    viewport: Viewport,
    style: PointStyle,
    ink: Ink,
    unit: number,
    someSelected: boolean,
  ): void {
    const { gl, uniforms } = this;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    const [red, green, blue] = ink.ground;
    gl.clearColor(red / 255, green / 255, blue / 255, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (points.order.length === 0) return;
    gl.useProgram(this.program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.attributes(points);
    const set = (name: Uniform, value: number): void => gl.uniform1f(uniforms[name], value);
    gl.uniform1ui(uniforms.u_marks, shownMarks(style));
    set('u_t', points.t);
    set('u_radius', (style.diameter * unit) / 2);
    set('u_unit', unit);
    set('u_opacity', style.opacity);
    set('u_dim', someSelected ? DIMMED : 1);
    gl.uniform2f(uniforms.u_centre, viewport.x, viewport.y);
    gl.uniform2f(
      uniforms.u_scale,
      (2 * viewport.scale * unit) / gl.drawingBufferWidth,
      (2 * viewport.scale * unit) / gl.drawingBufferHeight,
    );
    const colour = (name: Uniform, rgb: readonly number[]): void =>
      gl.uniform3f(uniforms[name], rgb[0]! / 255, rgb[1]! / 255, rgb[2]! / 255);
    colour('u_ground', ink.ground);
    colour('u_ink', ink.ink);
    colour('u_wrong', ink.wrong);
    const [er, eg, eb] = ink.edge;
    gl.uniform4f(uniforms.u_edge, er / 255, eg / 255, eb / 255, ink.edgeAlpha);
    gl.drawElements(gl.POINTS, points.order.length, gl.UNSIGNED_INT, 0);
  }

  private attributes(points: Points): void {
    const { gl } = this;
    const enable = (name: string): number => {
      const at = gl.getAttribLocation(this.program, name);
      gl.enableVertexAttribArray(at);
      return at;
    };
    this.from.bind(points.from);
    gl.vertexAttribPointer(enable('a_from'), 2, gl.FLOAT, false, 0, 0);
    this.to.bind(points.to);
    gl.vertexAttribPointer(enable('a_to'), 2, gl.FLOAT, false, 0, 0);
    this.colours.bind(points.colours);
    gl.vertexAttribIPointer(enable('a_colour'), 4, gl.UNSIGNED_BYTE, 0, 0);
    this.flags.bind(points.flags);
    gl.vertexAttribIPointer(enable('a_flags'), 1, gl.UNSIGNED_BYTE, 0, 0);
    this.order.bind(points.order);
  }
}
