"""The job that makes an image's vector in a layer, as the record has those of the samples."""

from __future__ import annotations

from tensorboard_cnnvis.jobs.messages import Result
from tensorboard_cnnvis.jobs.models import image_of, model_of, refusals
from tensorboard_cnnvis.jobs.task import JobError, Task


def run(task: Task) -> Result:
    """Parameters layer, of a recorded embedding, and the image. Array `vector` (n_features,)."""
    layer = task.parameters["layer"]
    found = [item for item in task.reader().manifest.embeddings if item.layer == layer]
    if not found:
        raise JobError(f"no embedding of {layer!r} is logged", "choose another layer")
    with refusals():
        model = model_of(task)
        image = model.check_image(image_of(task))
        return Result({}, {"vector": model.embedding(found[0])(image[None])[0]})
