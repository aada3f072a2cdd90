"""What a run with schemes says of them: tables, JSON, the prices below a figure."""

import json
from functools import cache

import accelsim
from accelsim.report import render, run_page, to_json
from accelsim.report.caption import caption
from accelsim.report.columns import percent
from accelsim.run.result import Result


@cache
def digits(datapaths: str = "xnor") -> Result:
    return accelsim.load("digits", batch=2, datapaths=datapaths, network="digits").run()


def section(text: str, title: str) -> list[list[str]]:
    """The words of the lines below *title*, up to the next empty one."""
    lines = iter(text.splitlines())
    assert any(line.startswith(title) for line in lines), title
    found = []
    for line in lines:
        if not line:
            break
        found.append(line.split())
    return found


def test_the_table_names_schemes_and_the_size_of_weights():
    """CONV1: 16 x 9 weights of 8 bits and a scale of 32 are 1184 bits, 0.1445 KiB."""
    text = render(run_page(digits()))
    head, _, first, second, *_ = section(text, "digits: digits, batch 2")
    assert head[:3] == ["layer", "scheme", "weights"]
    assert first[:3] == ["CONV1", "int8", "0.1445"]
    assert second[:2] == ["CONV2", "xnor"]
    assert digits().accuracy is not None
    assert f"Accuracy: {percent(digits().accuracy)} % of 2 images." in text


def test_a_run_without_schemes_says_nothing_of_them():
    text = render(run_page(accelsim.load("eyeriss_lenet5", layers=["C1"]).run()))
    assert "scheme" not in text and "Accuracy" not in text


def test_macs_of_every_datapath_are_told_by_what_became_of_them():
    result = digits("repeated_kernels")
    _, *rows, total = section(render(run_page(result)), "MACs by what values did to them")
    reused = [layer.actions["mac.reused:psum"] for layer in result.layers]
    assert sum(reused) > 0
    assert [row[0] for row in rows] == ["CONV1", "CONV2", "CONV3", "FC"]
    assert total[0] == "total"
    for layer in result.layers:
        gone = sum(layer.actions[f"mac.{action}:psum"] for action in ("gated", "skipped", "reused"))
        assert layer.actions["mac.flip_add:psum"] + gone == layer.macs


def test_json_says_widths_bits_and_the_prices_that_are_not_all_layers():
    document = json.loads(to_json(run_page(digits())))
    conv1, conv2, *_ = document["layers"]
    assert (conv1["scheme"], conv2["scheme"]) == ("int8", "xnor")
    assert conv1["word_bits"] == {"ifmap": 8, "weight": 8, "psum": 16, "ofmap": 1}
    assert conv2["word_bits"] == {"ifmap": 1, "weight": 1, "psum": 16, "ofmap": 1}
    assert conv1["weight_bits"] == 16 * 9 * 8 + 32
    assert conv2["weight_bits"] == 32 * 16 * 9 + 32 * 32
    assert "mac.xnor:psum" in document["prices"]
    assert conv1["own_prices"]["rf.read:weight"] > conv2["own_prices"]["rf.read:weight"]
    assert "rf.read:weight" not in document["prices"]
    assert document["accuracy"] == digits().accuracy


def test_a_caption_says_which_scheme_has_which_price():
    result = digits()
    prices = {scheme: price for price, (scheme,) in result.prices_of("rf.read:weight").items()}
    text = " ".join(caption(result).split())
    assert f"{prices['xnor']:.4g} in xnor or {prices['int8']:.4g} in int8" in text
