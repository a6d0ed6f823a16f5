#!/usr/bin/env bash
# opendp 0.16.0, Python 3.11.
#
# Behaviour: `make_cast_default` from text to bool makes True of every text that is not empty: "false", "0" and
# "no" included. From text to int it takes a plain run of digits only: "3.0", " 3" and "1e3" become the default
# 0, while the same texts cast to float and then to int give 3 and 1000 (" 3" is 0 there too). Nothing is
# reported, as a transformation has to be total, and the count or sum that is released is simply another number.
#
# One would guess: "false" is False or, as an unreadable value, the default False; "3.0" is 3.
#
# Seen:
#   bool  true -> True, false -> True, 0 -> True, no -> True, (empty) -> False
#   int   3 -> 3, 3.0 -> 0, 1e3 -> 0, " 3" -> 0, 99999999999 -> 0 (does not fit 32 bits)
#   float then int   3 -> 3, 3.0 -> 3, 1e3 -> 1000, " 3" -> 0, 99999999999 -> 0
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check opendp==0.16.0
cat > probe.py <<'PY'
import opendp.prelude as dp

dp.enable_features("contrib")
texts = dp.vector_domain(dp.atom_domain(T=str)), dp.symmetric_distance()

flags = ["true", "false", "0", "no", ""]
to_bool = dp.t.make_cast_default(*texts, TOA=bool)
print("bool ", dict(zip(flags, to_bool(flags))))
assert to_bool(flags) == [True, True, True, True, False]

numbers = ["3", "3.0", "1e3", " 3", "99999999999"]
to_int = dp.t.make_cast_default(*texts, TOA=int)
print("int  ", dict(zip(numbers, to_int(numbers))))
assert to_int(numbers) == [3, 0, 0, 0, 0]

by_float = dp.t.make_cast_default(*texts, TOA=float) >> dp.t.then_cast_default(TOA=int)
print("float", dict(zip(numbers, by_float(numbers))))
assert by_float(numbers) == [3, 3, 1000, 0, 0]

consent = to_bool >> dp.t.then_cast_default(TOA=int) >> dp.t.then_clamp((0, 1)) >> dp.t.then_sum()
said = ["true", "false", "false", "false"]
print("who said yes:", consent(said))
assert consent(said) == 4
PY
env/bin/python probe.py
echo "as stated"
