"""Quantities with a unit: exact numbers, exact complaints."""

import pytest

from accelsim.config.units import parse_quantity, unit_of
from accelsim.errors import ConfigError


@pytest.mark.parametrize(
    "key, unit",
    [("bank_bytes", "bytes"), ("bytes", "bytes"), ("clock_hz", "hz"), ("rows", None), ("bytes_a", None)],
)
def test_the_unit_is_the_end_of_the_key(key: str, unit: str | None) -> None:
    assert unit_of(key) == unit


@pytest.mark.parametrize(
    "text, field, number",
    [
        ("1 B", "bytes", 1),
        ("108 kB", "bytes", 108_000),
        ("108 KiB", "bytes", 110_592),
        ("4KiB", "bytes", 4096),
        ("0.5 KiB", "bytes", 512),
        (" 1e3 B ", "bytes", 1000),
        ("1 MiB", "bytes", 1_048_576),
        ("1 GB", "bytes", 10**9),
        ("200 MHz", "hz", 200_000_000),
        ("1.1 GHz", "hz", 1_100_000_000),
        ("1.1 pJ", "pj", 1.1),
        ("50 fJ", "pj", 0.05),
        ("1.3 nJ", "pj", 1300.0),
        ("2 mW", "pw", 2e9),
        ("5 ns", "ps", 5000.0),
        ("100 ps", "ns", 0.1),
        ("1 s", "ms", 1000.0),
    ],
)
def test_a_quantity_becomes_the_number_in_the_field_s_unit(text: str, field: str, number: float) -> None:
    result = parse_quantity(text, field)
    assert result == number
    assert type(result) is type(number)


@pytest.mark.parametrize(
    "text, field, why",
    [
        ("4 KB", "bytes", "'KB' is ambiguous; write kB (1000 bytes) or KiB (1024 bytes) (got '4 KB')"),
        ("4 kb", "bytes", "unknown unit 'kb'; did you mean 'kB'? (got '4 kb')"),
        ("200 Mhz", "hz", "unknown unit 'Mhz'; did you mean 'MHz'? (got '200 Mhz')"),
        ("4 KiB", "hz", "unknown unit 'KiB'; must be one of Hz, kHz, MHz, GHz (got '4 KiB')"),
        ("0.3 B", "bytes", "must be a whole number of bytes (got '0.3 B')"),
        ("0.5 Hz", "hz", "must be a whole number of hertz (got '0.5 Hz')"),
        (
            "lots",
            "hz",
            "must be a number, or a number and one of Hz, kHz, MHz, GHz (got 'lots')",
        ),
        ("4096", "hz", "must be a number, or a number and one of Hz, kHz, MHz, GHz (got '4096')"),
        ("1.2.3 Hz", "hz", "must be a number, or a number and one of Hz, kHz, MHz, GHz (got '1.2.3 Hz')"),
    ],
)
def test_a_wrong_quantity_says_what_must_hold(text: str, field: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_quantity(text, field)
    assert str(caught.value) == why
