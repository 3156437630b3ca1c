"""A graph in 8 bits, where that loses little."""

from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from indexer.arrays import Float32
from indexer.embedding.export import load_openvino
from indexer.embedding.quantization import in_8_bits, open_graph, quantized

TOKENS, WIDTH = 40, 16


def _graph(vectors: Float32) -> Any:
    """A model of one layer: ids (b, t) → the unit mean of their vectors (40, 16), turned."""
    openvino = load_openvino()
    ops = openvino.opset13
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((WIDTH, WIDTH)))[0]
    ids = ops.parameter([-1, -1], np.int64, name="input_ids")
    ids.output(0).get_tensor().set_names({"input_ids"})
    tokens = ops.gather(ops.constant(vectors), ids, ops.constant(0))
    tokens = ops.matmul(tokens, ops.constant(turn.astype(np.float32)), False, False)
    # The last token says what the passage says.
    last = ops.gather(tokens, ops.constant(-1), ops.constant(1))
    unit = ops.normalize_l2(last, ops.constant([1]), 1e-12, "add")
    return openvino.Model([unit, tokens], [ids])


def _inputs() -> list[dict[str, Any]]:
    """Passages of three tokens, which all begin with token 0."""
    others = cycle(range(1, TOKENS))
    return [{"input_ids": np.array([[0, *islice(others, 2)]])} for _ in range(30)]


def _says(graph: Any) -> Float32:
    model = load_openvino().Core().compile_model(graph, "CPU")
    said: Float32 = np.concatenate([model(each)[0] for each in _inputs()])
    return said


def _cosines(one: Float32, other: Float32) -> Float32:
    cosines: Float32 = np.sum(one * other, axis=1)
    return cosines


def test_vectors_stay_near() -> None:
    random = np.random.default_rng(0)
    graph = _graph(random.standard_normal((TOKENS, WIDTH)).astype(np.float32))
    smaller = quantized(load_openvino().Core(), graph, _inputs())
    assert any(each.get_type_name() == "FakeQuantize" for each in smaller.get_ops())
    assert not any(each.get_type_name() == "FakeQuantize" for each in graph.get_ops())
    cosines = _cosines(_says(graph), _says(smaller))
    assert 0.99 < cosines.min() < 0.999999


def test_a_model_that_would_lose_much_stays_as_it_is() -> None:
    random = np.random.default_rng(0)
    vectors = random.standard_normal((TOKENS, WIDTH)).astype(np.float32)
    vectors[0] *= 1000  # as of the first token in some models: it takes the whole range
    graph = _graph(vectors)
    assert quantized(load_openvino().Core(), graph, _inputs()) is graph


def test_tables_are_looked_up_before_they_are_unpacked(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).standard_normal((TOKENS, WIDTH)).astype(np.float32)
    openvino = load_openvino()
    whole = in_8_bits(_graph(vectors), _inputs())
    openvino.save_model(whole, tmp_path / "graph.xml")
    packed = open_graph(openvino.Core(), tmp_path / "graph.xml")
    # A sum that is taken otherwise may be rounded to the next integer.
    assert _cosines(_says(packed), _says(whole)).min() > 0.999
    assert (_table_of(whole), _table_of(packed)) == ("f32", "i8")


def _table_of(graph: Any) -> str:
    """What the table of word vectors holds when rows of it are looked up."""
    for op in graph.get_ops():
        if op.get_type_name() == "Gather":
            table = op.input_value(0)
            if table.get_partial_shape() == load_openvino().PartialShape([TOKENS, WIDTH]):
                return str(table.get_element_type().to_string())
    raise AssertionError("there is no table")


def test_nothing_is_printed(capsys: Any) -> None:
    quantized(load_openvino().Core(), _graph(np.eye(TOKENS, WIDTH, dtype=np.float32)), _inputs())
    assert capsys.readouterr() == ("", "")
