/** What the Overview shows, as CSV. */

import { formatShape } from '../../format';
import { type LayerInfo, type Step } from '../../schema';
import { csv } from '../../csv';

/** One line an epoch and split. */
export function epochsCsv(steps: readonly Step[]): string {
  const head = ['epoch', 'split', 'loss', 'accuracy', 'balanced_accuracy', 'non_finite', 'learning_rate'];
  const rows = steps.flatMap((step) =>
    step.splits.map((split) => [
      step.step, split.name, split.loss, split.accuracy, split.balanced_accuracy, split.non_finite, step.learning_rate,
    ]),
  );
  return csv([head, ...rows]);
}

/** One line a layer, in the order of computation; its inputs are parted by spaces. */
export function layersCsv(layers: readonly LayerInfo[]): string {
  const head = ['path', 'type', 'role', 'output_shape', 'trainable', 'frozen', 'activation', 'inputs'];
  const rows = layers.map((layer) => [
    layer.path, layer.type, layer.role, formatShape(layer.output_shape), layer.trainable, layer.frozen,
    layer.activation, layer.inputs.join(' '),
  ]);
  return csv([head, ...rows]);
}
