"""The verbs, one file each. A task is a function without Qt: values and a `report` in, a value or a `Change` out."""
