"""``tracekit symbols`` and ``tracekit breakpoints`` as a user runs them."""

from tests.recording.conftest import Here
from tests.support.fake_mac import FakeMac
from tracekit.attribution.catalogue import parse_catalogue

OLD = "# install-name: '/x/Espresso'\nEspresso::BNNSEngine::context::f()\nEspresso::net::__forward(int)\n"
NEW = OLD.replace("BNNSEngine", "V9Engine") + "Espresso::pool_kernel_cpu::__launch()\nEspresso::bad\x1b[31m()\n"


def test_what_the_rules_know_and_what_changed(mac: FakeMac, here: Here) -> None:
    (mac.home / "old.txt").write_text(OLD)
    (mac.home / "new.txt").write_text(NEW)
    done = here("symbols", "new.txt", "--against", "old.txt", "--propose", "new.toml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Espresso: 4 functions, 0 classes")
    assert "Espresso::V9Engine" in done.stdout
    assert "3 functions are new, 1 are gone" in done.stdout
    assert "- Espresso::BNNSEngine::context::f()" in done.stdout
    assert "\x1b" not in done.stdout
    assert [rule.id for rule in parse_catalogue((mac.home / "new.toml").read_text(), "new.toml").rules] == [
        "new-espresso-v9engine"
    ]


def test_own_rules_and_proposals_on_stdout(mac: FakeMac, here: Here) -> None:
    (mac.home / "list.txt").write_text("Espresso::V9Engine::f()\n")
    proposed = here("symbols", "list.txt", "--image", "Espresso", "--propose", "-")
    assert "[[rule]]" in proposed.stdout
    (mac.home / "mine.toml").write_text(proposed.stdout.replace('"unknown"', '"CPU"').replace('"other"', '"execute"'))
    known = here("symbols", "list.txt", "--image", "Espresso", "--rules", "mine.toml")
    assert "new-espresso-v9engine" in known.stdout
    assert "no rule knows         0" in known.stdout


def test_what_is_no_list(mac: FakeMac, here: Here) -> None:
    (mac.home / "empty.txt").write_text("")
    done = here("symbols", "empty.txt")
    assert done.returncode == 1
    assert "empty.txt: holds no symbol. Save one with: lldb" in done.stderr


def test_breakpoints_are_not_written_over(mac: FakeMac, here: Here) -> None:
    assert here("breakpoints").returncode == 0
    text = (mac.home / "tracekit_breakpoints.py").read_text()
    assert "('ANE', 'name', '-[_ANEModel program]')" in text
    assert "already exists" in here("breakpoints").stderr
    assert here("breakpoints", "-o", "-").stdout == text
