import { describe, expect, it } from 'vitest';
import { toData, toScreen } from '../../src/draw/viewport';
import { Camera } from '../../src/elements/scatter/camera';

function looking(): Camera {
  const camera = new Camera();
  camera.resize(332, 332);
  camera.setLimits([-1, 1, -1, 1], true);
  return camera;
}

describe('a camera', () => {
  it('fits its limits until it is moved, whatever the size', () => {
    const camera = looking();
    expect(camera.at(0).scale).toBe(150);
    camera.resize(232, 232);
    expect([camera.at(0).scale, camera.isAway, camera.zoom]).toEqual([100, false, 1]);
  });

  it('keeps where it looks when it was moved and the limits change', () => {
    const camera = looking();
    camera.zoomBy(2, 0, 40, 40);
    const before = camera.at(0);
    expect(camera.isAway).toBe(true);
    camera.setLimits([-5, 5, -5, 5], false);
    expect(camera.at(0)).toEqual(before);
  });

  it('goes back to the fit in 240 ms, and from where it is when interrupted', () => {
    const camera = looking();
    const fitted = camera.at(0);
    camera.panBy(100, 0, 0);
    camera.fit(1000, true);
    const halfway = camera.at(1120);
    expect(halfway.x).toBeLessThan(fitted.x);
    expect(camera.isMoving(1120)).toBe(true);
    camera.panBy(10, 0, 1120);
    expect(toScreen(camera.at(1120), ...toData(halfway, 50, 50))[0]).toBeCloseTo(60);
    expect(camera.isMoving(1120)).toBe(false);
    camera.fit(2000, true);
    expect(camera.at(2240)).toEqual(fitted);
    expect(camera.isMoving(2240)).toBe(false);
  });

  it('cuts where motion is not wanted', () => {
    const camera = looking();
    const fitted = camera.at(0);
    camera.zoomBy(3, 0);
    camera.fit(10, false);
    expect(camera.at(10)).toEqual(fitted);
  });
});
