"""Slow tests of published results run where they are asked for: ``pytest -m slow``."""

import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes most of a minute or more; run by -m slow")


def pytest_collection_modifyitems(config, items):
    if config.option.markexpr:
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="slow: run by -m slow"))
