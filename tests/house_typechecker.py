"""What checks shapes and types in tests: beartype, taking an int for a float as PEP 484 does.

pytest --jaxtyping-packages=solver,house_typechecker.check
"""

from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))
