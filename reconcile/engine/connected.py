"""Connected components of records that edges join."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def component_numbers(a: Ints, b: Ints) -> Ints:
    """The number of each edge's connected component, which is the place of its lowest record among all."""
    records, at = np.unique(np.concatenate([a, b]), return_inverse=True)
    a, b = at[: len(a)], at[len(a) :]
    label = np.arange(len(records))
    while True:
        of_a, of_b = label[a], label[b]
        apart = of_a != of_b
        if not apart.any():
            return of_a
        np.minimum.at(label, np.maximum(of_a, of_b)[apart], np.minimum(of_a, of_b)[apart])
        while ((low := label[label]) != label).any():
            label = low


__all__ = ["component_numbers"]
