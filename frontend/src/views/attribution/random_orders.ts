import { type Deletion } from '../../api';

/** One of the curves of each class, by whose random orders those of that class are judged. */
export function randomOrders(curves: readonly Deletion[]): Deletion[] {
  return curves.filter((curve, k) => curves.findIndex((other) => other.class === curve.class) === k);
}
