"""Where GOOD_LOCAL_NO_SKIPS=1 a test that is skipped counts as failed, so that green means that everything ran."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parent.parent.parent
SKIPS = {
    "test": "import pytest\n\ndef test_it():\n    pytest.skip('no chromium')\n",
    "module": "import pytest\n\npytest.skip('no chromium', allow_module_level=True)\n",
}


@pytest.mark.parametrize("kind", SKIPS)
@pytest.mark.parametrize("allowed", [True, False])
def test_a_skip_fails_where_nothing_may_be_skipped(tmp_path: Path, kind: str, allowed: bool) -> None:
    (tmp_path / "test_skips.py").write_text(SKIPS[kind])
    quiet = [
        "-p",
        "no:django",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "--rootdir",
        str(tmp_path),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.services", *quiet, str(tmp_path)],
        cwd=ROOT, env=os.environ | {"GOOD_LOCAL_NO_SKIPS": "0" if allowed else "1", "GOOD_LOCAL_TEST_SERVICES": "0"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    skipped_only = {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    assert (done.returncode in skipped_only) is allowed, done.stdout
    assert ("nothing may be skipped" in done.stdout) is not allowed
