"""`with refuses("same_person"):` the block has to be refused with this code."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from participation.refusals import Refused


@contextmanager
def refuses(code: str) -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code
