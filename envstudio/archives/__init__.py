"""Archives that come from strangers: checked here, in one place, before anything of them is unpacked or linked.

No other module opens a wheel, a conda package or a source archive; `tests/test_architecture.py` holds that.
"""
